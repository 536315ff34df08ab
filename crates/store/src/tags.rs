//! Tags and what they hang on.

use ferrovirt_model::ids::{ObjectRef, TagId};
use ferrovirt_model::tag::Tag;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;

/// Tags.
#[derive(Debug)]
pub struct Tags<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Tags<'_> {
    /// All tags, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn all(&mut self) -> Result<Vec<Tag>> {
        let rows = sqlx::query("select * from tag order by name").fetch_all(&mut *self.connection).await?;
        rows.iter().map(tag).collect()
    }

    /// Adds a tag or writes it over.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken.
    pub async fn put(&mut self, tag: &Tag) -> Result<()> {
        sqlx::query(
            "insert into tag (id, name, description, parent_id) values ($1, $2, $3, $4)
             on conflict (id) do update set name = $2, description = $3, parent_id = $4",
        )
        .bind(tag.id.0)
        .bind(&tag.name)
        .bind(&tag.description)
        .bind(tag.parent.map(|id| id.0))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Removes a tag and all under it.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove(&mut self, id: TagId) -> Result<()> {
        sqlx::query(
            "with recursive under as (select id from tag where id = $1
                 union select t.id from tag t join under u on t.parent_id = u.id)
             delete from tag where id in (select id from under)",
        )
        .bind(id.0)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// The tags of objects: object id and tag.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of(&mut self, objects: &[Uuid]) -> Result<Vec<(Uuid, Tag)>> {
        let rows = sqlx::query(
            "select tag.*, a.object_id from tag join tag_assignment a on a.tag_id = tag.id
             where a.object_id = any($1) order by tag.name",
        )
        .bind(objects)
        .fetch_all(&mut *self.connection)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("object_id")?, tag(row)?))).collect()
    }

    /// Hangs a tag on an object.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn assign(&mut self, id: TagId, object: ObjectRef) -> Result<()> {
        sqlx::query(
            "insert into tag_assignment (tag_id, object_kind, object_id) values ($1, $2, $3) on conflict do nothing",
        )
        .bind(id.0)
        .bind(object.kind.as_str())
        .bind(object.id)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Takes every tag off an object that is gone.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn forget(&mut self, object: ObjectRef) -> Result<()> {
        sqlx::query("delete from tag_assignment where object_id = $1")
            .bind(object.id)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Takes a tag off an object. Says whether it was there.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn unassign(&mut self, id: TagId, object: ObjectRef) -> Result<bool> {
        let done = sqlx::query("delete from tag_assignment where tag_id = $1 and object_id = $2")
            .bind(id.0)
            .bind(object.id)
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn tag(row: &PgRow) -> Result<Tag> {
    Ok(Tag {
        id: TagId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(TagId),
    })
}
