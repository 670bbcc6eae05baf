//! Every rule from outside: its page, its fixtures, its fixes, and whether nginx agrees.

mod arguments;
mod classic_faults;
mod conflicts;
mod fix_edits;
mod fixes_page;
mod fixtures;
mod nginx_t_page;
