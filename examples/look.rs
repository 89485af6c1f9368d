use headroom::expand::{Alpha, Plan, Surroundings, analyse, render};
use headroom::settings::Values;
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (w, h): (i32, i32) = (a[2].parse().unwrap(), a[3].parse().unwrap());
    let bytes = std::fs::read(&a[1]).unwrap();
    let px: Vec<f32> =
        bytes.chunks_exact(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect();
    let mut v = Values::default();
    for kv in &a[5..] {
        let (k, x) = kv.split_once('=').unwrap();
        v.set_text(k, x).unwrap();
    }
    let plan = Plan::new(&v, &Surroundings { alpha: Alpha::Opaque, ..Default::default() });
    let rect = Rect::new(0, 0, w, h);
    let src = ImageRef::from_floats(&px, rect, Components::Rgb).unwrap();
    let pool = Pool::new(2);
    let no = || false;
    let an = analyse(&plan, &src, rect, &pool, &no).unwrap();
    eprintln!("{:?}", an.statistics());
    let mut out = vec![0f32; px.len()];
    render(
        &plan,
        &an,
        &src,
        None,
        ImageMut::from_floats(&mut out, rect, Components::Rgb).unwrap(),
        &pool,
        &no,
    )
    .unwrap();
    std::fs::write(&a[4], out.iter().flat_map(|f| f.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
}
