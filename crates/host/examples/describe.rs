//! Prints what a plug-in says of itself as JSON:
//! `cargo run -p headroom-host --example describe -- BUNDLE [PLUGIN]`

use headroom_host::{Context, Effect, HostConfig, HostError};

fn main() -> Result<(), HostError> {
    let mut arguments = std::env::args().skip(1);
    let bundle = arguments.next().unwrap_or_default();
    let plugin = arguments.next();
    let effect =
        Effect::open(bundle.as_ref(), plugin.as_deref(), HostConfig::default(), Context::Filter)?;
    print!("{}", effect.describe().to_json());
    for violation in effect.close()? {
        eprintln!("{violation}");
    }
    Ok(())
}
