//! What a list request narrows: search text, size and start. Refuses to parse the search language.

use ferrovirt_wire::tree::Operation;

use super::fault::Fault;
use super::params::Params;
use crate::door::ListQuery;

/// Reads them. A negative `max` means no limit, as with the field's old default.
pub fn of(params: &Params) -> Result<ListQuery, Fault> {
    let max = params.integer("max")?.filter(|max| *max >= 0);
    Ok(ListQuery {
        search: params.filled("search").map(str::to_owned),
        max: max.map(|max| u32::try_from(max).unwrap_or(u32::MAX)),
        case_sensitive: params.flag("case_sensitive")?,
        from: params.integer("from")?,
    })
}

/// How many items an operation may answer: `max` where it takes one. Lists that the database narrows know it as well;
/// every other list is cut where it is answered, so that no handler can forget it.
pub fn most(operation: &Operation, params: &Params) -> Result<usize, Fault> {
    if !operation.query.iter().any(|parameter| parameter.name == "max") {
        return Ok(usize::MAX);
    }
    Ok(of(params)?.max.map_or(usize::MAX, |max| max as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_limits_are_none() {
        let query = |text| of(&Params::new(Some(text), Vec::new())).unwrap();
        assert_eq!(query("max=-1").max, None);
        assert_eq!(query("max=5&search=name%3Da&case_sensitive=true").max, Some(5));
        assert_eq!(query("search=").search, None);
    }
}
