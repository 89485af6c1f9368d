//! Prints the table of every network in its usual configuration, for a picture of 960 x 544.
//!
//! `cargo run --example networks [id]`

use headroom::graph::Table;
use headroom::model::MODELS;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = std::env::args().nth(1);
    for model in MODELS.iter().filter(|m| wanted.as_deref().is_none_or(|id| id == m.id)) {
        println!("{}: {}", model.id, (model.config)());
        for stage in (model.build)(&(model.config)())?.stages {
            println!("\nstage {}, {:?}", stage.name, stage.run);
            println!("{}\n", Table::new(&stage.graph, [544, 960])?);
        }
    }
    Ok(())
}
