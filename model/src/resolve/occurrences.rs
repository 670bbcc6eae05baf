//! Where each directive stands.
//!
//! Many rules ask for all lines of one directive. To look through all levels for each of them would
//! cost as many passes, so that one pass sorts all lines by their directive.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::names;

use super::level::{Level, OwnSetting};
use super::{Configuration, LevelId, Setting};
use crate::source::DirectiveRef;

/// The lines of every directive, wherever they stand.
#[derive(Debug, Default)]
pub struct Occurrences {
    /// Sorted by directive. Within one, outer levels come before inner ones, and in a level the
    /// lines are in the order of the text.
    lines: Vec<(LevelId, DirectiveRef)>,
    /// By the number of a directive: where its lines end, and those of the next one begin.
    ends: Vec<u32>,
}

impl Occurrences {
    /// Sorts the settings of all levels.
    pub(super) fn new(levels: &[Level], settings: &[OwnSetting]) -> Self {
        // First how many lines each directive has, then where the first of them goes, and with
        // each line that is put there where the next one goes.
        let mut ends = vec![0; names().count()];
        for setting in settings {
            ends[setting.id.index()] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            (*end, sum) = (sum, sum + *end);
        }
        let nothing = (LevelId::new(0), DirectiveRef::default());
        let mut lines = vec![nothing; settings.len()];
        for (number, level) in levels.iter().enumerate() {
            for setting in &settings[level.settings.start as usize..level.settings.end as usize] {
                let end = &mut ends[setting.id.index()];
                lines[*end as usize] = (LevelId::new(number), setting.reference);
                *end += 1;
            }
        }
        Self { lines, ends }
    }

    /// Where `id` stands, outer levels before inner ones, and in the order of the text within a
    /// level. What a file has that is included twice stands at two levels.
    pub fn of<'c>(
        &self,
        configuration: &'c Configuration,
        id: DirectiveId,
    ) -> impl Iterator<Item = (LevelId, Setting<'c>)> {
        let start = id.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        let lines = &self.lines[start as usize..self.ends[id.index()] as usize];
        lines.iter().map(move |&(level, reference)| (level, configuration.setting(reference)))
    }
}
