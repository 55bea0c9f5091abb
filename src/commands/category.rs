//! `category`: a sharer's own categories, and what the built-in ones are.

use super::Outcome;
use super::command::CategoryCommand;
use crate::actions::Actions;
use crate::actions::Rejection;
use crate::domain::ids::UserId;
use jiff::Timestamp;

pub(super) async fn carry_out(actions: &Actions, user: &UserId, command: &CategoryCommand, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, notice) = match command {
        CategoryCommand::List => return Ok(Outcome::answer(actions.categories(user).await?)),
        CategoryCommand::Show(name) => return Ok(Outcome::answer(actions.category(user, name).await?)),
        CategoryCommand::Test(text) => return Ok(Outcome::answer(actions.test_categories(user, text, now).await?)),
        CategoryCommand::New { name, criteria } => actions.save_category(user, name, criteria, true).await?,
        CategoryCommand::Edit { name, criteria } => actions.save_category(user, name, criteria, false).await?,
        CategoryCommand::Delete(name) => actions.delete_category(user, name).await?,
    };
    Ok(Outcome::change(commit, notice))
}
