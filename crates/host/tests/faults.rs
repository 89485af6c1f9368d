//! Every check fires on a plug-in that breaks its rule, and stays silent on an honest one.
#![allow(missing_docs)]

mod common;

use common::{Fault, INVERT, bundle, open, open_with, ramp};
use headroom_host::{
    Context, Effect, Field, HostConfig, HostError, HostImage, RenderRequest, RowLayout,
    ViolationKind, Window, Windows,
};

fn source(clip: &str, _time: f64) -> Option<HostImage> {
    (clip == "Source").then(|| ramp(8, 6))
}

fn request() -> RenderRequest {
    RenderRequest {
        rows: RowLayout { top_first: false, padding: 16 },
        windows: Windows::Exactly(vec![Window::new(1, 1, 5, 4)]),
        area: Some(Window::new(1, 1, 5, 4)),
        ..RenderRequest::default()
    }
}

fn kinds(fault: Fault, request: &RenderRequest) -> Vec<ViolationKind> {
    let mut effect = open();
    effect.set("fault", &(fault as i32).to_string()).unwrap();
    let first = effect.render(request, &source).unwrap();
    // Twice: some faults use what an earlier render left behind.
    let second = effect.render(request, &source).unwrap();
    let mut violations = first.report.violations;
    violations.extend(second.report.violations);
    violations.extend(effect.close().unwrap());
    let mut kinds: Vec<_> = violations.iter().map(|violation| violation.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[test]
fn an_honest_plugin_breaks_no_rule() {
    assert_eq!(kinds(Fault::None, &request()), []);
}

#[test]
fn each_fault_is_found_and_nothing_else() {
    use ViolationKind as V;
    let table: &[(Fault, &[V])] = &[
        (Fault::Guard, &[V::GuardBytes]),
        (Fault::Padding, &[V::RowPadding]),
        (Fault::Unwritten, &[V::UnwrittenPixels]),
        (Fault::Outside, &[V::OutsideWindow]),
        (Fault::Source, &[V::SourceWritten]),
        (Fault::Leak, &[V::LeakedImage]),
        (Fault::Twice, &[V::DoubleRelease]),
        (Fault::Frame, &[V::UndeclaredFrame]),
        (Fault::Region, &[V::UndeclaredRegion]),
        (Fault::ReadOnly, &[V::ReadOnlyProperty]),
        (Fault::WrongType, &[V::WrongPropertyType]),
        (Fault::ParamInRender, &[V::ParamSetIllegally]),
        (Fault::StaleImage, &[V::UsedAfterDestroy]),
        (Fault::BadHandle, &[V::BadHandle]),
        (Fault::NullPointer, &[V::NullPointer]),
        (Fault::LeakMemory, &[V::LeakedMemory]),
        (Fault::BadFree, &[V::BadFree]),
        (Fault::ImageInRod, &[V::WrongAction]),
        (Fault::ReleaseNothing, &[V::BadHandle]),
        (Fault::LabelInRender, &[V::WrongThread]),
        (Fault::EarlyHost, &[V::UsedAfterDestroy]),
    ];
    for (fault, expected) in table {
        assert_eq!(kinds(*fault, &request()), *expected, "{fault:?}");
    }
}

#[cfg(target_os = "linux")] // reading memory that may be gone needs /proc/self/mem
#[test]
fn a_string_that_dies_with_the_action_is_found() {
    // The fault has to be set before the clip preferences are asked for.
    assert_eq!(kinds(Fault::TemporaryString, &request()), [ViolationKind::TemporaryString]);
}

#[test]
fn a_field_render_that_writes_the_other_field_is_found() {
    let request = RenderRequest { field: Field::Lower, ..request() };
    assert_eq!(kinds(Fault::None, &request), []);
    assert_eq!(kinds(Fault::OtherField, &request), [ViolationKind::OutsideWindow]);
}

#[test]
fn a_status_that_render_may_not_return_is_an_error_and_reported() {
    let mut effect = open();
    effect.set("fault", &(Fault::Status as i32).to_string()).unwrap();
    match effect.render(&request(), &source) {
        Err(HostError::Action { status: 14, report, .. }) => {
            assert!(report.has(ViolationKind::IllegalStatus), "{report}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failing_render_brings_its_message_along() {
    let mut effect = open();
    effect.set("fault", &(Fault::FailRender as i32).to_string()).unwrap();
    match effect.render(&request(), &source) {
        Err(HostError::Action { status: 1, messages, report, .. }) => {
            assert!(report.is_clean(), "{report}");
            assert_eq!(messages.len(), 1);
            assert_eq!(messages[0].text, "broken on purpose: 7");
            assert!(messages[0].persistent);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(effect.persistent_message().unwrap().id, "broken");
}

#[test]
fn a_clip_of_a_destroyed_instance_is_found() {
    let mut effect = open();
    effect.create_and_destroy().unwrap();
    effect.set("fault", &(Fault::StaleClip as i32).to_string()).unwrap();
    assert!(effect.report().has(ViolationKind::UsedAfterDestroy));
}

#[test]
fn a_call_from_set_host_is_found() {
    let effect = open_with("fx.headroom.test.Eager", HostConfig::default(), Context::Filter);
    let violations = effect.close().unwrap();
    assert!(violations.iter().any(|found| found.kind == ViolationKind::CallFromSetHost));
}

#[test]
fn an_identifier_with_blanks_is_found() {
    let effect = open_with("fx.headroom.test.With Blank", HostConfig::default(), Context::Filter);
    let violations = effect.close().unwrap();
    assert!(violations.iter().any(|found| found.kind == ViolationKind::PluginStruct));
    assert_eq!(open().close().unwrap(), [], "another plug-in of the binary is not at fault");
}

#[test]
fn a_wrong_description_is_found() {
    let mut effect = open_with("fx.headroom.test.Careless", HostConfig::default(), Context::Filter);
    assert!(effect.purge().is_err());
    effect.call_unknown_action();
    let violations = effect.close().unwrap();
    let has = |kind: ViolationKind, words: &str| {
        violations.iter().any(|found| found.kind == kind && found.to_string().contains(words))
    };
    assert!(has(ViolationKind::Description, "default 2 is outside its range"), "{violations:?}");
    assert!(has(ViolationKind::IllegalStatus, "OfxActionPurgeCaches"), "{violations:?}");
    assert!(has(ViolationKind::IllegalStatus, "ActionOfTomorrow"), "{violations:?}");
    if cfg!(target_os = "linux") {
        assert!(has(ViolationKind::TemporaryString, "OfxPropLabel"), "{violations:?}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    let bundle = bundle();
    let error = Effect::open(&bundle, Some("no.such"), HostConfig::default(), Context::Filter);
    let text = error.err().unwrap().to_string();
    assert!(text.contains("no.such") && text.contains(INVERT), "{text}");
    let mut effect = open();
    assert!(matches!(effect.set("none", "1"), Err(HostError::NoParam { .. })));
    let text = effect.set("amount", "much").unwrap_err().to_string();
    assert!(text.contains("amount") && text.contains("much"), "{text}");
    let text = effect.set("mode", "Negate").unwrap_err().to_string();
    assert!(text.contains("Invert") && text.contains("Copy"), "{text}");
}
