//! Keeps `ide/src/protocol/generated.ts` true: compares, and rewrites it when `UPDATE_GENERATED=1`.

#![expect(clippy::unwrap_used, reason = "a test may give up")]

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use ide_protocol::{close, frame, limits, rest, session, settings, timeline};
use ts_rs::{Config, TS, TypeVisitor};

/// Declarations by name of every type reachable from the roots.
struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    by_name: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let declaration = T::decl(&self.config);
            let docs = T::docs().unwrap_or_default();
            self.by_name.insert(T::ident(&self.config), format!("{docs}export {declaration}\n"));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn generate() -> String {
    let mut all = Declarations {
        config: Config::new().with_large_int("number"),
        seen: HashSet::new(),
        by_name: BTreeMap::new(),
    };
    all.visit::<session::ViewerMessage>();
    all.visit::<session::SessionMessage>();
    all.visit::<rest::Login>();
    all.visit::<rest::Account>();
    all.visit::<rest::NewToken>();
    all.visit::<rest::IssuedToken>();
    all.visit::<rest::LessonDetail>();
    all.visit::<rest::OpenPreview>();
    all.visit::<rest::PreviewTicket>();
    all.visit::<rest::Hint>();
    all.visit::<rest::Solution>();
    all.visit::<rest::Workspace>();
    all.visit::<rest::StoredFile>();
    all.visit::<rest::SaveFile>();
    all.visit::<rest::RenameFile>();
    all.visit::<rest::NewSession>();
    all.visit::<rest::Ticket>();
    all.visit::<rest::NewExtension>();
    all.visit::<rest::LiveSessions>();
    all.visit::<rest::WatchAnswer>();
    all.visit::<rest::Problem>();
    all.visit::<settings::Settings>();
    all.visit::<settings::SettingsChange>();
    all.visit::<timeline::Timeline>();
    all.visit::<timeline::PastFiles>();
    all.visit::<timeline::PastFile>();
    all.visit::<timeline::Restored>();

    let mut text = String::from(
        "// Generated from the crate ide-protocol by its test `typescript`. Do not edit: change the Rust types and run\n\
         // `UPDATE_GENERATED=1 cargo test -p ide-protocol --features schema --test typescript`.\n\n",
    );
    let constants = [
        ("PROTOCOL_VERSION", usize::from(ide_protocol::PROTOCOL_VERSION)),
        ("FRAME_HEADER_BYTES", frame::HEADER_BYTES),
        ("MAX_FILE_BYTES", limits::MAX_FILE_BYTES),
        ("MAX_VIEWER_MESSAGE_BYTES", limits::MAX_VIEWER_MESSAGE_BYTES),
        ("MAX_PAYLOAD_BYTES", limits::MAX_PAYLOAD_BYTES),
        ("CHANNEL_WINDOW_BYTES", limits::CHANNEL_WINDOW_BYTES as usize),
        ("MAX_VIEWER_CHANNELS", limits::MAX_VIEWER_CHANNELS),
        ("MAX_TERMINALS", limits::MAX_TERMINALS),
        ("VIEWER_WINDOW_BYTES", limits::VIEWER_WINDOW_BYTES as usize),
        ("SETTINGS_VERSION", settings::SETTINGS_VERSION.into()),
        ("CLOSE_NORMAL", close::NORMAL.into()),
        ("CLOSE_GOING_AWAY", close::GOING_AWAY.into()),
        ("CLOSE_TOO_BIG", close::TOO_BIG.into()),
        ("CLOSE_MALFORMED", close::MALFORMED.into()),
        ("CLOSE_UNAUTHORIZED", close::UNAUTHORIZED.into()),
        ("CLOSE_FORBIDDEN", close::FORBIDDEN.into()),
        ("CLOSE_TOO_SLOW", close::TOO_SLOW.into()),
        ("CLOSE_REPLACED", close::REPLACED.into()),
        ("CLOSE_SESSION_ENDED", close::SESSION_ENDED.into()),
        ("CLOSE_VERSION_MISMATCH", close::VERSION_MISMATCH.into()),
        ("CLOSE_TOO_MANY", close::TOO_MANY.into()),
    ];
    for (name, value) in constants {
        writeln!(text, "export const {name} = {value};").unwrap();
    }
    for declaration in all.by_name.values() {
        text.push('\n');
        text.push_str(declaration);
    }
    text
}

#[test]
fn the_typescript_types_are_those_of_this_crate() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ide/src/protocol/generated.ts");
    let wanted = generate();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "{} is out of date; run: UPDATE_GENERATED=1 cargo test -p ide-protocol --features schema --test typescript",
        path.display()
    );
}
