//! Names that nobody wrote where they are used: made by a derive, brought by an unseen glob, standing in an included file.

use super::check;

#[test]
fn a_crate_and_a_macro_of_one_name() {
    check(
        r"
//- Cargo.toml
[package]
name = 'a'
[dependencies]
anyhow = '1'
//- src/lib.rs
use anyhow::anyhow;
fn f() -> anyhow::Result<()> {
    let other = anyhow::Result::Ok(());
//              ^^^^^^^^^^^^^^^^^^ is: anyhow::Result::Ok
    anyhow!(1);
//  ^^^^^^ is: anyhow::anyhow
}
",
    );
}

#[test]
fn the_only_unseen_glob_brings_what_nothing_else_can() {
    check(
        r"
//- Cargo.toml
[package]
name = 'a'
[dependencies]
charts = '1'
maps = '1'
//- src/lib.rs
mod one { use charts::prelude::*;
    fn f() { Pie::new(); }
//           ^^^^^^^^ is: charts::prelude::Pie::new~
    fn g() { helper(); }
//           ^^^^^^ is: ?
    mod tests { use super::*; fn f() { Pie::new(); } }
//                                     ^^^^^^^^ is: charts::prelude::Pie::new~
}
mod two { use charts::prelude::*; use maps::*; fn f() { Pie::new(); } }
//                                                      ^^^^^^^^ is: ?
mod made { use charts::prelude::*; anything! {} fn f() { Pie::new(); } }
//                                                       ^^^^^^^^ is: ?
mod near { use charts::prelude::*; #[derive(Chart)] struct Pie; fn f() { PieChart::new(); } }
//                                                                       ^^^^^^^^^^^^^ is: ?
",
    );
}

#[test]
fn derives_and_attributes_make_names_beside_an_item() {
    check(
        r"
#[automock] trait Store { fn get(&self); }
#[derive(Builder)] struct Limits { size: u8 }
#[thiserror_ext(newtype(name = Failure, backtrace))] enum FailureKind { Lost }
mod cake { #[derive(DeriveEntityModel)] struct Model { id: u8 } }
fn f() {
    MockStore::new();
//  ^^^^^^^^^^^^^^ is: mockall::MockStore::new
    LimitsBuilder::default();
//  ^^^^^^^^^^^^^^^^^^^^^^ is: derive_builder::Builder::default
    Failure::lost();
//  ^^^^^^^^^^^^^ is: thiserror_ext::Failure::lost
    cake::Entity::find();
//  ^^^^^^^^^^^^^^^^^^ is: sea_orm::EntityTrait::find
}
",
    );
}

#[test]
fn an_included_file_is_a_part_of_the_module() {
    check(
        r#"
//- lib.rs
mod wire {
    include!("wire/made.rs");
    fn f() { Frame::new(); local(); }
//           ^^^^^^^^^^ is: lib::wire::Frame::new
    fn local() {}
}
fn f() { wire::made(); }
//       ^^^^^^^^^^ is: lib::wire::made
//- wire/made.rs
pub struct Frame;
impl Frame { pub fn new() {} }
pub fn made() { local(); }
//              ^^^^^ is: lib::wire::local
"#,
    );
}

#[test]
fn a_table_of_diesel_is_a_module() {
    check(
        r"
//- Cargo.toml
[package]
name = 'a'
[dependencies]
diesel = '2'
//- src/lib.rs
mod schema {
    diesel::table! {
        use diesel::sql_types::*;
        /// Who there is.
        public.users (id) { id -> Integer, name -> Text, }
    }
    printed::table! { rooms { 1, 2 } }
}
use schema::users::dsl;
fn f() { dsl::name; schema::users::table; schema::rooms::table; }
//       ^^^^^^^^^ is: diesel::table::dsl::name
//                  ^^^^^^^^^^^^^^^^^^^^ is: diesel::table::table
//                                        ^^^^^^^^^^^^^^^^^^^^ is: ?
",
    );
}
