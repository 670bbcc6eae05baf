//! Blocks that belong directly into `http`.

use wslint_grammar::{Directive, Edit};
use wslint_model::resolve::{LevelId, LevelKind, Setting};

use super::block::Block;
use super::edits::Edits;
use super::removal::{has_comment, lines_of_block};
use super::spot::{Spot, above_comments};
use super::style::own_indentation;
use crate::context::Context;

/// Moves a block that stands at a level out of the `server` or whatever it is in, in front of that,
/// with its comments. `None` where it is not in `http`, or what it is in is included several times.
pub(crate) fn lift_into_http(
    context: &Context<'_>,
    level: LevelId,
    block: Setting<'_>,
) -> Option<Edits> {
    let configuration = context.configuration;
    let is_in_http = |level: LevelId| {
        let around = configuration.level(level).parent;
        around.is_some_and(|around| configuration.level(around).kind == LevelKind::Http)
    };
    let outermost = configuration.ancestors(level).find(|&level| is_in_http(level))?;
    let head = configuration.head(outermost)?;
    if context.copies().of(head.reference) != 1 {
        return None;
    }
    let file = head.reference.file;
    let around = Block { file, tree: head.directive.tree(), head: head.directive.parent() };
    let style = context.style(file);
    let spot = Spot::before(around, style, head.directive);
    if !spot.takes_lines() && has_comment(block.directive) {
        return None;
    }
    let Moved { mut lines, removal } = take_out(block.directive)?;
    lines.push(String::new());
    let mut edits = Edits::default();
    edits.add(spot.write(style, &lines));
    edits.add_in(block.reference.file, removal);
    Some(edits)
}

/// A block on its way to another place.
struct Moved {
    /// Its lines, less by what the first is indented.
    lines: Vec<String>,
    /// What takes it away.
    removal: Edit,
}

/// Takes a block out of its place, with the comments directly above it. `None` when a line break
/// stands in one of its words, because the lines behind that must not be indented otherwise.
fn take_out(block: Directive<'_>) -> Option<Moved> {
    let text = block.tree().text();
    let removal = Edit::delete(lines_of_block(block, true)?);
    let close = block.close()?.end;
    let own = own_indentation(block);
    let start = match &own {
        Some(own) => above_comments(text, block.span().start - own.len() as u32),
        None => block.span().start,
    };
    let indentation = own.unwrap_or_default();
    let taken = std::str::from_utf8(text.get(start as usize..close as usize)?).ok()?;
    let is_broken = |directive: Directive<'_>| {
        let mut words = std::iter::once(directive.name_word()).chain(directive.arguments());
        words.any(|word| word.raw().contains(&b'\n'))
    };
    if is_broken(block) || block.children().any(is_broken) {
        return None;
    }
    let lines = taken.lines().map(|line| {
        let inner = line.strip_prefix(indentation.as_str());
        inner.unwrap_or_else(|| line.trim_start()).trim_end().to_owned()
    });
    Some(Moved { lines: lines.collect(), removal })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (Vec<String>, String) {
        let tree = wslint_grammar::parse(text.as_bytes().to_vec());
        let block = tree.directives().find(|it| it.name().as_ref() == b"map").expect("a map");
        let moved = take_out(block).expect("a block that can be moved");
        let left = wslint_grammar::apply_edits(text.as_bytes(), &[moved.removal]).expect("a text");
        (moved.lines, String::from_utf8(left).expect("UTF-8"))
    }

    #[test]
    fn a_block_goes_with_the_comments_in_it_and_above_it() {
        let (lines, left) = taken(
            "server {\r\n\tlisten 80;\r\n\r\n\t# For WebSockets\r\n\tmap $a $b {\r\n\t\t# all\r\n\t\tdefault c; # d\r\n\t}\r\n}\r\n",
        );
        let expected = ["# For WebSockets", "map $a $b {", "\t# all", "\tdefault c; # d", "}"];
        assert_eq!(lines, expected);
        assert_eq!(left, "server {\r\n\tlisten 80;\r\n}\r\n");
        let (lines, left) = taken("server { map $a $b { default c; } listen 80; }");
        assert_eq!(lines, ["map $a $b { default c; }"]);
        assert_eq!(left, "server { listen 80; }");
    }
}
