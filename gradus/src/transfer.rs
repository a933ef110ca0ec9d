//! `gradus export`, `gradus import`: an installation in one file, from one store to another.

use std::path::PathBuf;

use anyhow::Context as _;
use api::transfer::{self, Carried};
use clap::Args;

use crate::settings::{DataArgs, Use};

#[derive(Args)]
pub struct Export {
    /// Where to; it holds everybody's work and hashes of passwords.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
pub struct Import {
    /// What `gradus export` of the same build wrote.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

impl Export {
    /// # Errors
    /// When the store cannot be read or the file not be written.
    pub async fn run(self) -> anyhow::Result<()> {
        let carried =
            transfer::export(&self.data.existing_store()?, &self.file).await.context("exporting")?;
        tell(&carried);
        println!("All of it is in {}.", self.file.display());
        Ok(())
    }
}

impl Import {
    /// # Errors
    /// When the store holds something, somebody works on it, or the file is not whole.
    pub async fn run(self) -> anyhow::Result<()> {
        let data = self.data.prepare()?;
        let _lock = data.lock(Use::Alone)?;
        let carried = transfer::import(&self.file, &data.store_url()).await.context("importing")?;
        tell(&carried);
        println!("All of it is in the store, counted and compared. Start gradus on it.");
        Ok(())
    }
}

fn tell(carried: &[Carried]) {
    for Carried { table, rows, sha256 } in carried {
        println!("{table:<22}{rows:>12}  {sha256}");
    }
}
