//! `gradus api`: the web API alone; and what `gradus up` shares with it – lessons published, first accounts made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use anyhow::Context as _;
use api::setup::{self, FirstAccount};
use api::store::Store;
use api::{PeerListener, SessionLimits};
use clap::Args;
use eval_agent::WarmImage;
use ide_protocol::rest::Role;
use indicatif::{ProgressBar, ProgressStyle};
use job_queue::JobQueue;
use lesson::Lesson;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics::MetricsArgs;
use crate::peers::PeerArgs;
use crate::queue::QueueArgs;
use crate::settings::{Data, DataArgs, ServeArgs, Use};
use crate::{lessons, passwords, stop};

const FIRST_ACCOUNTS: [(&str, Role); 4] =
    [("learner", Role::Learner), ("author", Role::Author), ("grader", Role::Grader), ("admin", Role::Admin)];

#[derive(Args)]
pub struct ApiPart {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    queue: QueueArgs,
    #[command(flatten)]
    serve: ServeArgs,
    #[command(flatten)]
    peers: PeerArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
}

impl ApiPart {
    /// # Errors
    /// When the store, the lessons or the address cannot be had.
    pub async fn run(self) -> anyhow::Result<()> {
        let shutdown = stop::on_signal()?;
        let data = self.data.prepare()?;
        let _lock = data.lock(Use::Shared)?;
        let queue = self.queue.open_for_work(&data).await?.shared();
        let mut prepared = Prepared::new(&self.serve, &data).await?;
        prepared.peers = self.peers.listen().await?;
        prepared.config.drain_delay = self.peers.drain_delay();
        let mut registry = Registry::default();
        prepared.config.metrics.register(&mut registry);
        let _metrics = self.metrics.serve(registry).await?;
        prepared.greet();
        prepared.serve(queue, shutdown).await
    }
}

#[derive(Args)]
pub struct NewPassword {
    /// Whose.
    name: String,
    #[command(flatten)]
    data: DataArgs,
}

impl NewPassword {
    /// # Errors
    /// When there is no such account.
    pub async fn run(self) -> anyhow::Result<()> {
        let data = self.data.prepare()?;
        let store = Store::open(&data.store_url()).await?;
        let password = passwords::random();
        let known = setup::reset_password(&store, &self.name, &password).await?;
        store.close().await;
        anyhow::ensure!(known, "there is no account `{}` in this store", self.name);
        println!("{}  {password}", self.name);
        Ok(())
    }
}

/// An API that is ready to serve: address taken, lessons published, accounts made.
pub struct Prepared {
    listener: TcpListener,
    previews: Option<TcpListener>,
    peers: Option<PeerListener>,
    pub config: api::Config,
    lessons: Vec<Lesson>,
    /// Name and password of the accounts made just now; empty when there were accounts.
    accounts: Vec<(&'static str, String)>,
}

impl Prepared {
    /// # Errors
    /// As [`ApiPart::run`].
    pub async fn new(serve: &ServeArgs, data: &Data) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(serve.listen)
            .await
            .with_context(|| format!("listening on {} (another address: --listen)", serve.listen))?;
        let public_url = match &serve.public_url {
            Some(url) => url.clone(),
            None => format!("http://{}", listener.local_addr()?),
        };
        let previews = serve.previews.prepare(listener.local_addr()?, &public_url).await?;
        let mut config = api::Config::new(data.store_url(), public_url);
        config.patience.visibility = data.visibility;
        config.store_connections = serve.store_connections;
        config.extra_origins.clone_from(&serve.allow_origin);
        config.peers.address_header.clone_from(&serve.address_header);
        if let Some(connections) = serve.connections_per_address {
            config.peers.connections = connections;
        }
        config.session_limits = SessionLimits { idle: serve.session_idle, hard: serve.session_limit };
        if serve.ide.join("index.html").is_file() {
            config.ide_dir = Some(serve.ide.clone());
        } else {
            tracing::warn!(folder = %serve.ide.display(), "the IDE is not built: only the API is served (make ide)");
        }
        let store = Store::open(&config.database_url).await.context("opening the store")?;
        let accounts = first_accounts(&store).await?;
        let lessons = publish(&store, serve).await?;
        store.close().await;
        config.previews = previews.as_ref().map(|previews| previews.url.clone());
        let previews = previews.map(|previews| previews.listener);
        Ok(Self { listener, previews, peers: None, config, lessons, accounts })
    }

    /// What is worth holding ready before anyone asks: one shape per lesson, duplicates left out.
    pub fn warm_images(&self) -> Vec<WarmImage> {
        let mut shapes = Vec::new();
        for lesson in &self.lessons {
            let manifest = &lesson.manifest;
            let shape = WarmImage {
                image: manifest.image.clone(),
                limits: manifest.limits.clone(),
                services: manifest.services.clone(),
            };
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
        shapes
    }

    /// Where the API is for whoever runs on this machine, whatever browsers call it.
    ///
    /// # Errors
    /// When the system does not tell the address it listens on.
    pub fn local_url(&self) -> std::io::Result<String> {
        let mut address = self.listener.local_addr()?;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        Ok(format!("http://{address}"))
    }

    /// Tells a person where it is and how to log in. Programs read it too: keep its shape.
    pub fn greet(&self) {
        println!("Gradus is running at {}\n", self.config.public_url);
        if self.accounts.is_empty() {
            println!(
                "Accounts were made on the first start; `gradus password NAME` gives one a new password."
            );
        } else {
            println!("First accounts, shown this once:");
            for (name, password) in &self.accounts {
                println!("  {name:<8}  {password}");
            }
        }
        println!("\nPress Ctrl-C to stop.");
    }

    /// # Errors
    /// When the API ends on its own.
    pub async fn serve(self, queue: Arc<dyn JobQueue>, shutdown: CancellationToken) -> anyhow::Result<()> {
        let listeners = api::Listeners { app: self.listener, previews: self.previews, peers: self.peers };
        api::serve(self.config, listeners, queue, shutdown).await
    }
}

async fn first_accounts(store: &Store) -> anyhow::Result<Vec<(&'static str, String)>> {
    let accounts = FIRST_ACCOUNTS.map(|(name, role)| (name, role, passwords::random()));
    let wanted: Vec<_> = accounts
        .iter()
        .map(|(name, role, password)| FirstAccount {
            name: (*name).to_owned(),
            role: *role,
            password: password.clone(),
        })
        .collect();
    let made = setup::create_first_accounts(store, &wanted).await.context("making the first accounts")?;
    Ok(if made { accounts.map(|(name, _, password)| (name, password)).into() } else { Vec::new() })
}

async fn publish(store: &Store, serve: &ServeArgs) -> anyhow::Result<Vec<Lesson>> {
    let folders = lessons::find(&serve.lessons)?;
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")?;
    let progress =
        ProgressBar::new(folders.len() as u64).with_style(style).with_message("publishing lessons");
    let mut published = Vec::new();
    for folder in &folders {
        let lesson = Lesson::from_dir(folder)?;
        setup::publish(store, &lesson).await.with_context(|| format!("publishing {}", folder.display()))?;
        published.push(lesson);
        progress.inc(1);
    }
    progress.finish_and_clear();
    tracing::info!(lessons = published.len(), "lessons published");
    Ok(published)
}
