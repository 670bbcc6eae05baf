//! What comments say to wslint: `# wslint: ignore[RULE] reason` and the like.
//!
//! Here they are read; `suppression` applies what they ignore, [`adding`] writes them, and the model
//! is told what they say of locations.

pub mod adding;
mod instruction;
pub(crate) mod suppression;
mod surroundings;

use instruction::{Instruction, Malformed, Scope, instruction};
use surroundings::Surroundings;
use wslint_grammar::Span;
use wslint_model::model::Marks;
use wslint_model::source::{DirectiveRef, FileId, Place, Sources};

use crate::finding::Category;
use crate::rule::Rule;
use crate::rules;
use crate::suggest::nearest;

/// All that the comments of a configuration say.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    /// What is ignored where: by file, and in each in the order of the comments.
    pub(crate) ignores: Vec<Ignore>,
    /// The blocks that are marked as WebSocket or as none; [`crate::context`] hands them to the model.
    pub(crate) marks: Marks,
    /// What is wrong with comments.
    pub(crate) mistakes: Vec<Mistake>,
}

/// One name in the brackets of an `ignore`.
#[derive(Debug)]
pub(crate) struct Ignore {
    /// The name.
    pub(crate) place: Place,
    /// The rules that it stands for.
    pub(crate) rules: RuleSet,
    /// The comment that it is in.
    pub(crate) comment: Span,
    /// Findings whose place begins here are silenced.
    pub(crate) covered: Span,
}

/// The rules that a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RuleSet {
    /// `all`
    All,
    /// Those of a category.
    Category(Category),
    /// One.
    Rule(&'static Rule),
}

/// A comment that says nothing that wslint knows.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// The part of the comment that is wrong.
    pub(crate) place: Place,
    /// What is wrong.
    pub(crate) message: String,
    /// What to write.
    pub(crate) help: String,
}

impl RuleSet {
    fn named(name: &str) -> Option<Self> {
        if name == "all" {
            return Some(Self::All);
        }
        let category = || Category::ALL.iter().find(|category| category.name() == name);
        let rule = rules::by_name(name).map(Self::Rule);
        rule.or_else(|| category().map(|&category| Self::Category(category)))
    }

    /// All sets that a rule is in.
    pub(crate) fn that_contain(rule: &'static Rule) -> [Self; 3] {
        [Self::All, Self::Category(rule.category), Self::Rule(rule)]
    }

    pub(crate) fn contains(self, rule: &Rule) -> bool {
        match self {
            Self::All => true,
            Self::Category(category) => rule.category == category,
            Self::Rule(one) => one == rule,
        }
    }
}

impl Comments {
    /// Reads the comments of all files. It costs a look at the first bytes of each comment.
    pub(crate) fn read(sources: &Sources) -> Self {
        let mut comments = Self::default();
        for (file, source) in sources.iter() {
            let tree = &source.tree;
            let mut surroundings = None;
            for (number, &span) in tree.comments().iter().enumerate() {
                let Some(read) = instruction(tree.slice(span)) else { continue };
                let around = surroundings.get_or_insert_with(|| Surroundings::new(tree));
                let reader = Reader { file, comment: span, number, around };
                reader.take(read, &mut comments);
            }
        }
        comments
    }
}

/// Reads one comment.
struct Reader<'r, 't> {
    file: FileId,
    comment: Span,
    number: usize,
    around: &'r Surroundings<'t>,
}

impl Reader<'_, '_> {
    /// The place of a part of the comment.
    fn place(&self, part: &std::ops::Range<usize>) -> Place {
        let start = self.comment.start;
        Place {
            file: self.file,
            span: Span::new(start + part.start as u32, start + part.end as u32),
        }
    }

    fn text(&self, place: Place) -> String {
        String::from_utf8_lossy(self.around.tree.slice(place.span)).into_owned()
    }

    fn take(&self, read: Result<Instruction, Malformed>, comments: &mut Comments) {
        match read {
            Ok(Instruction::Ignore { scope, names }) => self.ignore(scope, &names, comments),
            Ok(Instruction::Intent { is_meant, word }) => {
                let Some(index) = self.around.routed_block(self.number) else {
                    let place = self.place(&word);
                    comments.mistakes.push(Mistake {
                        place,
                        message: format!(
                            "`{}` stands neither on nor above a `location` or a `server`",
                            self.text(place)
                        ),
                        help: "write it on the line of the `location`, or above it".to_owned(),
                    });
                    return;
                };
                let block = DirectiveRef { file: self.file, index };
                if comments.marks.insert(block, is_meant) == Some(!is_meant) {
                    comments.mistakes.push(self.contradiction(&word, is_meant));
                }
            }
            Err(Malformed::Unknown(word)) => {
                let place = self.place(&word);
                let text = self.text(place);
                let known = ["ignore", "ignore-file", "websocket", "not-websocket"];
                comments.mistakes.push(Mistake {
                    place,
                    message: format!("a comment for wslint says `{text}`, which means nothing"),
                    help: match nearest(&text, known.into_iter()) {
                        Some(nearest) => format!("did you mean `{nearest}`?"),
                        None => "write `ignore[RULE]`, `ignore-file[RULE]`, `websocket` or \
                                 `not-websocket`"
                            .to_owned(),
                    },
                });
            }
            Err(Malformed::NoRules(word)) => {
                let place = self.place(&word);
                let text = self.text(place);
                comments.mistakes.push(Mistake {
                    place,
                    message: format!("`{text}` does not say which rules, so it silences nothing"),
                    help: format!("write `{text}[RULE, RULE] reason`"),
                });
            }
        }
    }

    /// Two comments say the opposite of one block.
    fn contradiction(&self, word: &std::ops::Range<usize>, is_meant: bool) -> Mistake {
        let place = self.place(word);
        let other = if is_meant { "not-websocket" } else { "websocket" };
        Mistake {
            place,
            message: format!(
                "`{}` contradicts `{other}` in a comment before it, which is overlooked",
                self.text(place)
            ),
            help: "delete one of the two".to_owned(),
        }
    }

    fn ignore(&self, scope: Scope, names: &[std::ops::Range<usize>], comments: &mut Comments) {
        let covered = match scope {
            Scope::Here => self.around.covered(self.number),
            Scope::File if self.around.is_at_top(self.comment) => Span::new(0, u32::MAX),
            Scope::File => {
                let place = Place { file: self.file, span: self.comment };
                comments.mistakes.push(Mistake {
                    place,
                    message: "`ignore-file` stands behind the first directive, where it is \
                              overlooked"
                        .to_owned(),
                    help: "write it at the top of the file".to_owned(),
                });
                return;
            }
        };
        for name in names {
            let place = self.place(name);
            let text = self.text(place);
            match RuleSet::named(&text) {
                Some(rules) => {
                    comments.ignores.push(Ignore { place, rules, comment: self.comment, covered });
                }
                None => {
                    let names = rules::ALL.iter().map(|rule| rule.name);
                    let categories = Category::ALL.iter().map(|category| category.name());
                    comments.mistakes.push(Mistake {
                        place,
                        message: format!("there is no rule called `{text}`"),
                        help: match nearest(&text, names.chain(categories).chain(["all"])) {
                            Some(nearest) => format!("did you mean `{nearest}`?"),
                            None => "`wslint rules` lists them".to_owned(),
                        },
                    });
                }
            }
        }
    }
}
