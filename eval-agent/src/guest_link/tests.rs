use super::*;

async fn dial(path: &Path, version: u16) -> UnixStream {
    let mut guest = UnixStream::connect(path).await.unwrap();
    say(&mut guest, &FromGuest::Hello { version }).await;
    guest
}

async fn say(guest: &mut UnixStream, message: &FromGuest) {
    let mut bytes = Vec::new();
    encode_into(&Frame::Text(serde_json::to_string(message).unwrap()), &mut bytes);
    guest.write_all(&bytes).await.unwrap();
}

struct World {
    _folder: tempfile::TempDir,
    path: PathBuf,
    listener: GuestListener,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guest.sock");
    let listener = GuestListener::bind(&path).unwrap();
    World { _folder: folder, path, listener }
}

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn one_guest_is_taken_and_nobody_can_call_after_it() {
    let world = world();
    let (link, _guest) = tokio::join!(world.listener.accept(SOON), dial(&world.path, PROTOCOL_VERSION));
    link.unwrap();
    assert!(UnixStream::connect(&world.path).await.is_err());
}

#[tokio::test]
async fn a_guest_of_another_version_is_refused() {
    let world = world();
    let (link, _guest) = tokio::join!(world.listener.accept(SOON), dial(&world.path, 99));
    assert!(matches!(link, Err(LinkError::Version(99))));
}

#[tokio::test]
async fn a_guest_that_never_calls_costs_the_deadline_and_no_more() {
    let world = world();
    let link = world.listener.accept(Duration::from_millis(10)).await;
    assert!(matches!(link, Err(LinkError::NoGreeting(_))));
}

#[tokio::test]
async fn frames_that_break_the_rules_end_the_link() {
    let rows: [(&[u8], &str); 3] = [
        (&[0xff, 0xff, 0xff, 0xff, 0], "the guest sent what is no frame"),
        (&[0, 0, 0, 1, 9, 0], "the guest sent what is no frame"),
        (&[0, 0, 0, 1, 0, b'x'], "the guest sent a message that cannot be read"),
    ];
    for (bytes, why) in rows {
        let world = world();
        let (link, guest) = tokio::join!(world.listener.accept(SOON), dial(&world.path, PROTOCOL_VERSION));
        let (mut link, mut guest) = (link.unwrap(), guest);
        guest.write_all(bytes).await.unwrap();
        let GuestFrame::Lost(lost) = link.next().await else { panic!("a frame from {bytes:?}") };
        assert_eq!(lost.to_string(), why);
    }
}

#[tokio::test]
async fn dropping_the_link_closes_the_guests_socket() {
    let world = world();
    let (link, guest) = tokio::join!(world.listener.accept(SOON), dial(&world.path, PROTOCOL_VERSION));
    let mut guest = guest;
    drop(link.unwrap());
    let mut byte = [0];
    assert_eq!(guest.read(&mut byte).await.unwrap(), 0);
}

#[tokio::test]
async fn a_guest_that_floods_is_held_back_and_nothing_is_lost() {
    let world = world();
    let (link, guest) = tokio::join!(world.listener.accept(SOON), dial(&world.path, PROTOCOL_VERSION));
    let (mut link, mut guest) = (link.unwrap(), guest);
    const MESSAGES: u32 = 10_000;
    let flood = tokio::spawn(async move {
        for request in 0..MESSAGES {
            say(&mut guest, &FromGuest::Done { request }).await;
        }
        guest
    });
    for expected in 0..MESSAGES {
        let GuestFrame::Said(FromGuest::Done { request }) = link.next().await else { panic!() };
        assert_eq!(request, expected);
    }
    flood.await.unwrap();
}

/// Bytes that a guest sends once it has been taken over: the link ends, or gives frames; never more than it was sent.
mod fuzz {
    use fuzz_inputs::hostile;
    use proptest::prelude::*;

    use super::*;

    fn greeting_and_more() -> Vec<u8> {
        let said = [
            FromGuest::Hello { version: PROTOCOL_VERSION },
            FromGuest::Done { request: 1 },
            FromGuest::ChangesLost,
        ];
        let mut bytes = Vec::new();
        for message in said {
            encode_into(&Frame::Text(serde_json::to_string(&message).unwrap()), &mut bytes);
        }
        encode_into(&Frame::Binary(vec![1; 40]), &mut bytes);
        bytes
    }

    async fn frames_in(bytes: Vec<u8>) -> usize {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let write = async move {
            let _ = theirs.write_all(&bytes).await;
        };
        let read = async {
            let Ok(mut link) = greet(ours).await else { return 0 };
            let mut frames = 1;
            while !matches!(link.next().await, GuestFrame::Lost(_)) {
                frames += 1;
            }
            frames
        };
        tokio::time::timeout(SOON, async { tokio::join!(write, read).1 })
            .await
            .expect("the link ends with its bytes")
    }

    proptest! {
        #[test]
        fn a_link_ends_with_what_is_sent_over_it(bytes in hostile([greeting_and_more()])) {
            let length = bytes.len();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // A frame is five bytes and what is in it.
            prop_assert!(runtime.block_on(frames_in(bytes)) <= length / 5);
        }
    }
}
