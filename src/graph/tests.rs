use super::*;

fn small() -> Graph {
    let mut b = Builder::new();
    let x = b.picture("picture", 3);
    let a = b.conv("a", x, ConvSpec::new(8, 3).stride(2));
    let a = b.activation(a, Activation::Relu);
    let c = b.conv("c", a, ConvSpec::new(8, 3).dilation(2));
    let sum = b.add(c, a);
    let up = b.upsample(sum, 2, Resample::Bilinear);
    let out = b.conv("out", up, ConvSpec::new(3, 1));
    b.finish(&[("result", out)]).expect("a sound graph")
}

#[test]
fn shapes_parameters_and_work_are_what_hand_calculation_gives() {
    let graph = small();
    assert_eq!(graph.alignment(), 2);
    let sizes = graph.sizes([6, 10]).expect("even sides");
    assert_eq!(sizes.of(graph.outputs()[0].node), [6, 10]);
    assert_eq!(graph.parameter_count(), (3 * 9 + 1) * 8 + (8 * 9 + 1) * 8 + (8 + 1) * 3);
    let names: Vec<_> = graph.parameters().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["a.weight", "a.bias", "c.weight", "c.bias", "out.weight", "out.bias"]);
    // 15 pixels at half size, 60 at full size.
    assert_eq!(graph.multiply_adds(&sizes), 15 * (27 * 8 + 72 * 8) + 60 * 24);
    assert!(graph.sizes([5, 10]).is_err());
}

#[test]
fn reach_covers_every_tap_and_ends_at_global_operations() {
    // 1 pixel by the first convolution, 2 * 2 by the dilated one, 2 by the bilinear reading; the
    // rest of the bound is caution about even kernels.
    let Reach::Pixels(reach) = small().reach() else { panic!("finite") };
    assert!((7..=16).contains(&reach), "{reach}");
    let mut b = Builder::new();
    let x = b.picture("picture", 3);
    let mean = b.global_mean(x);
    let sum = b.add(x, mean);
    let graph = b.finish(&[("result", sum)]).expect("a sound graph");
    assert_eq!(graph.reach(), Reach::Everything);
}

#[test]
fn a_frame_seen_at_a_fixed_size_does_not_reach_beyond_a_tile() {
    let mut b = Builder::new();
    let x = b.picture("picture", 3);
    let look = b.fixed("look", [16, 16], 4);
    let mean = b.global_mean(look);
    let scale = b.linear("scale", mean, 3, Init::He);
    let y = b.multiply(x, scale);
    let map = b.from_frame(look, y);
    let out = b.concat(&[y, map]);
    let graph = b.finish(&[("result", out)]).expect("a sound graph");
    assert_eq!(graph.reach(), Reach::Pixels(0));
    assert_eq!(graph.node(graph.outputs()[0].node).shape.channels, 7);
}

#[test]
fn mistakes_name_the_node_what_was_found_and_what_was_expected() {
    let told = |make: &dyn Fn(&mut Builder) -> NodeId| {
        let mut b = Builder::new();
        let out = make(&mut b);
        b.finish(&[("result", out)]).expect_err("a mistake").to_string()
    };
    let error = told(&|b| {
        let x = b.picture("picture", 3);
        let y = b.conv("half", x, ConvSpec::new(3, 3).stride(2));
        b.add(x, y)
    });
    assert!(
        error.starts_with("picture/add: operands size of input 0 x 3 and 1/2 of input 0 x 3"),
        "{error}"
    );
    let error = told(&|b| {
        let x = b.picture("picture", 3);
        b.conv("grouped", x, ConvSpec::new(4, 3).groups(2))
    });
    assert_eq!(error, "grouped: 3 channels to 4, expected multiples of 2 groups");
    let error = told(&|b| {
        let x = b.picture("picture", 3);
        b.conv("huge", x, ConvSpec::new(usize::MAX, 3))
    });
    assert!(error.contains("expected") && error.starts_with("huge"), "{error}");
    let error = told(&|b| {
        let x = b.picture("picture", 3);
        b.conv("same", x, ConvSpec::new(4, 3));
        b.conv("same", x, ConvSpec::new(4, 3))
    });
    assert_eq!(error, "same: a name that stands twice");
    let error = told(&|b| {
        let look = b.fixed("look", [9, 9], 3);
        b.average_pool(look, 2)
    });
    assert!(error.starts_with("look/average pool: no whole number of pixels"), "{error}");
}

#[test]
fn the_table_names_layers_and_sums_up() {
    let text = Table::new(&small(), [6, 10]).expect("fits").to_string();
    assert!(text.contains("a/relu  "), "{text}");
    assert!(text.contains("3 x 5 x 8"), "{text}");
    assert!(text.ends_with("sides are multiples of 2"), "{text}");
}

#[test]
fn zeros_at_the_sides_are_those_of_the_usual_convolutions() {
    assert_eq!(padding([3, 3], 1, 1), [1, 1]);
    assert_eq!(padding([3, 3], 1, 4), [4, 4]);
    assert_eq!(padding([3, 3], 2, 1), [1, 1]);
    assert_eq!(padding([7, 7], 2, 1), [3, 3]);
    assert_eq!(padding([4, 4], 2, 1), [1, 1]);
    assert_eq!(padding([2, 2], 2, 1), [0, 0]);
    assert_eq!(padding([1, 3], 1, 1), [0, 1]);
}

#[test]
fn json_holds_what_a_peer_needs_to_run_the_graph() {
    let json = small().to_json();
    assert_eq!(json["inputs"]["picture"], 0);
    let conv = &json["nodes"][1];
    assert_eq!(conv["op"], "conv");
    assert_eq!(conv["stride"], 2);
    assert_eq!(conv["padding"], serde_json::json!([1, 1]));
    assert_eq!(json["nodes"][2]["operands"], serde_json::json!([1]));
    assert_eq!(json["outputs"]["result"], json["nodes"].as_array().expect("nodes").len() - 1);
}
