//! The lines of blocks whose lines are no directives: `map`, `geo` and their like.

use wslint_grammar::Directive;

use super::include::Include;
use super::loaded::Loaded;
use crate::source::DirectiveRef;

/// A line of such a block.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DataLine<'t> {
    /// A line, perhaps of an included file.
    Read(DirectiveRef, Directive<'t>),
    /// An `include` that could not be opened, or whose folder is not here.
    Unseen(DirectiveRef),
}

impl Loaded {
    /// Calls `each` with every line of a block in order, those of included files among them.
    pub(crate) fn each_data_line<'t>(
        &'t self,
        block: DirectiveRef,
        mut each: impl FnMut(DataLine<'t>),
    ) {
        let lines = self.sources.directive(block).children();
        self.data_lines(block, lines, 0, &mut each);
    }

    fn data_lines<'t>(
        &'t self,
        within: DirectiveRef,
        lines: impl Iterator<Item = Directive<'t>>,
        depth: usize,
        each: &mut impl FnMut(DataLine<'t>),
    ) {
        /// Deeper includes are a cycle, which is reported where files are put together.
        const DEEPEST: usize = 16;
        for line in lines {
            let reference = DirectiveRef { file: within.file, index: line.index() };
            if line.argument_count() != 1 || line.name().as_ref() != b"include" {
                each(DataLine::Read(reference, line));
                continue;
            }
            match self.include(reference) {
                Some(Include::Files(files))
                    if depth < DEEPEST && !self.is_in_absent_folder(reference) =>
                {
                    for &file in files {
                        let top = self.sources.get(file).tree.top_level();
                        self.data_lines(DirectiveRef { file, index: 0 }, top, depth + 1, each);
                    }
                }
                _ => each(DataLine::Unseen(reference)),
            }
        }
    }
}
