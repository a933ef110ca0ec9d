use super::*;

/// What is in the queue, and agents that begin on some of it between two looks.
struct Lane {
    stretch: Stretch,
    now: Instant,
    in_queue: u32,
    outbox: u32,
}

impl Lane {
    fn new(outbox: u32) -> Self {
        let now = Instant::now();
        Self { stretch: Stretch::new(now), now, in_queue: 0, outbox }
    }

    /// Agents begin on up to so many, and a tenth of a second later it is looked; answers what is in the queue then.
    fn look(&mut self, begun: u32) -> u32 {
        self.in_queue -= begun.min(self.in_queue);
        self.now += Duration::from_millis(100);
        if let Room::For(room) = self.stretch.look(self.now, self.in_queue) {
            self.send(room);
        }
        self.in_queue
    }

    fn send(&mut self, room: u32) {
        let count = room.min(self.outbox);
        self.outbox -= count;
        self.in_queue += count;
        self.stretch.sent(count, self.outbox > 0);
    }
}

#[test]
fn it_grows_with_what_agents_begin_on_and_shrinks_again() {
    let mut lane = Lane::new(100_000);
    let grown: Vec<u32> = (0..10).map(|_| lane.look(u32::MAX)).collect();
    assert_eq!(grown, [4, 8, 16, 32, 64, 128, 256, 512, 512, 512]);
    // Five a look: in half a minute next to nothing is there beyond what they need.
    for _ in 0..300 {
        lane.look(5);
    }
    assert!((5..=24).contains(&lane.in_queue), "{}", lane.in_queue);
    // And agents have never found it empty meanwhile.
    let before = lane.outbox + lane.in_queue;
    for _ in 0..100 {
        lane.look(5);
    }
    assert_eq!(before - (lane.outbox + lane.in_queue), 500);
}

#[test]
fn few_jobs_do_not_make_it_grow() {
    let mut lane = Lane::new(0);
    for _ in 0..50 {
        lane.outbox = 3;
        assert_eq!(lane.look(u32::MAX), 3);
    }
    assert_eq!(lane.stretch.size, MIN);
}

#[test]
fn where_nothing_moves_the_queue_is_asked_once_a_second() {
    let mut lane = Lane::new(100);
    lane.look(0);
    let asks = (0..40).filter(|_| {
        lane.now += Duration::from_millis(100);
        lane.stretch.look(lane.now, lane.in_queue) == Room::AskTheQueue && lane.stretch.queue_has(4) == 0
    });
    assert_eq!(asks.count(), 4, "every slot is taken: nothing more is sent");
}

#[test]
fn what_agents_died_with_keeps_nobody_waiting() {
    let mut lane = Lane::new(100);
    lane.look(0);
    lane.now += Duration::from_secs(1);
    assert_eq!(lane.stretch.look(lane.now, 4), Room::AskTheQueue);
    let room = lane.stretch.queue_has(0);
    assert_eq!(room, 4);
    lane.send(room);
    // The four that are held count no more; the others do.
    assert_eq!(lane.look(2), 8, "two were begun on, and two more came");
    assert_eq!(lane.look(0), 8);
    // Their leases run out, and they are begun on as well.
    assert!(lane.look(8) <= 8);
    assert_eq!(lane.stretch.held, 0);
}
