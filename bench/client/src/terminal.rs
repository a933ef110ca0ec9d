//! A terminal of any make, as bytes in and bytes out.

use anyhow::Context as _;
use learner_client::{Learner, Page};

use crate::Args;
use crate::raw::{self, Raw};
use crate::terminado::Terminado;

pub struct Terminal {
    pub name: &'static str,
    line: Line,
    /// Read already, and not asked for yet.
    pub rest: Vec<u8>,
}

enum Line {
    Gradus(Box<Page>),
    Terminado(Box<Terminado>),
    Raw(Raw),
}

impl Terminal {
    pub async fn open(which: &str, args: &Args) -> anyhow::Result<Self> {
        let (make, place) = which.split_once('=').context("a terminal is MAKE=PLACE")?;
        let (name, line) = match make {
            "gradus" => ("gradus", Line::Gradus(Box::new(gradus(place, args).await?))),
            "terminado" => ("terminado", Line::Terminado(Box::new(Terminado::connect(place).await?))),
            "pty" => ("pty", Line::Raw(raw::pty(place)?)),
            "attach" => ("attach", Line::Raw(raw::attach(place).await?)),
            _ => anyhow::bail!("no such make: gradus, terminado, pty, attach"),
        };
        Ok(Self { name, line, rest: Vec::new() })
    }

    pub async fn type_in(&mut self, keys: &str) -> anyhow::Result<()> {
        match &mut self.line {
            Line::Gradus(page) => Ok(page.type_in(keys.as_bytes()).await?),
            Line::Terminado(socket) => socket.type_in(keys).await,
            Line::Raw(raw) => raw.type_in(keys.as_bytes()).await,
        }
    }

    /// The next output, added to `rest`.
    pub async fn read(&mut self) -> anyhow::Result<()> {
        match &mut self.line {
            Line::Gradus(page) => self.rest.extend_from_slice(&page.read().await?),
            Line::Terminado(socket) => self.rest.extend_from_slice(socket.read().await?.as_bytes()),
            Line::Raw(raw) => raw.read(&mut self.rest).await?,
        }
        Ok(())
    }
}

async fn gradus(url: &str, args: &Args) -> anyhow::Result<Page> {
    let learner = Learner::log_in(url, &args.name, &args.password).await?;
    let workspace = learner.open(&args.lesson).await?;
    let mut page = learner.page(learner.session(workspace.id).await?.id).await?;
    page.open_terminal().await?;
    Ok(page)
}
