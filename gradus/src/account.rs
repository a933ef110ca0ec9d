//! `gradus account`: makes accounts, and lists them.

use std::io::Read as _;

use anyhow::Context as _;
use api::setup::{self, FirstAccount};
use api::store::Store;
use clap::{Args, Subcommand, ValueEnum};
use ide_protocol::rest::Role;

use crate::passwords;
use crate::settings::DataArgs;

/// Accounts listed at once; whoever has more narrows them down.
const SHOWN: u32 = 1_000;

/// Bytes of a password, as at the login.
const MAX_PASSWORD_BYTES: u64 = 1_024;

/// Shorter ones are guessed.
const MIN_PASSWORD_CHARS: usize = 12;

#[derive(Args)]
pub struct AccountCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes an account and prints its password, this once.
    Add(Add),
    /// Lists accounts: name, role, institution.
    Ls(Ls),
}

#[derive(Args)]
struct Add {
    /// What its owner types to log in.
    name: String,
    #[arg(long, value_enum, default_value = "learner")]
    role: RoleArg,
    /// Whose share of the machines its jobs are: institutions take turns, whatever each of them sends.
    #[arg(long, default_value = "default", value_name = "NAME", value_parser = setup::institution)]
    institution: String,
    /// Read the password from standard input, its first line, instead of making one up.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
struct Ls {
    /// Only of this institution.
    #[arg(long, value_name = "NAME")]
    institution: Option<String>,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleArg {
    Learner,
    Author,
    Grader,
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Learner => Self::Learner,
            RoleArg::Author => Self::Author,
            RoleArg::Grader => Self::Grader,
            RoleArg::Admin => Self::Admin,
        }
    }
}

impl AccountCommand {
    /// # Errors
    /// When the store is not to be had, or the name is taken.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::Add(add) => add.run().await,
            What::Ls(ls) => ls.run().await,
        }
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let password = if self.password_stdin { from_stdin()? } else { passwords::random() };
        let data = self.data.prepare()?;
        let store = Store::open(&data.store_url()).await.context("opening the store")?;
        let account =
            FirstAccount { name: self.name.clone(), role: self.role.into(), password: password.clone() };
        let made = setup::create_account_of(&store, &account, &self.institution).await;
        store.close().await;
        anyhow::ensure!(
            made?,
            "there is an account `{0}` already; `gradus password {0}` gives it a new password",
            self.name
        );
        if !self.password_stdin {
            println!("{}  {password}", self.name);
        }
        Ok(())
    }
}

fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(MAX_PASSWORD_BYTES).read_to_string(&mut text).context("reading the password")?;
    let password = text.lines().next().unwrap_or_default();
    anyhow::ensure!(
        password.chars().count() >= MIN_PASSWORD_CHARS,
        "the password has to have {MIN_PASSWORD_CHARS} characters or more"
    );
    Ok(password.to_owned())
}

impl Ls {
    async fn run(self) -> anyhow::Result<()> {
        let store = Store::open_to_read(&self.data.existing_store()?).await.context("opening the store")?;
        let accounts = store.accounts(self.institution.as_deref(), SHOWN + 1).await?;
        store.close().await;
        let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
        for account in accounts.iter().take(shown) {
            println!("{:<24} {:<8} {}", account.name, account.role, account.institution);
        }
        if accounts.len() > shown {
            eprintln!(
                "gradus: there are more than {SHOWN}; name an institution to see fewer (--institution)"
            );
        }
        Ok(())
    }
}
