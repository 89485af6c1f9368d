//! Which instructions and which precision kernels are made for.

#[cfg(target_arch = "x86_64")]
use super::platform;

/// Instruction sets a kernel may use, named by what they multiply with. Each needs the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// Plain Rust: every processor, and the reference for the rest.
    Portable,
    /// 256-bit vectors with fused multiply-add (x86-64-v3).
    Avx2,
    /// 512-bit vectors (x86-64-v4).
    Avx512,
    /// 512-bit dot products of bfloat16 pairs with f32 sums.
    Avx512Bf16,
    /// Tile products of bfloat16 with f32 sums.
    Amx,
}

impl Isa {
    /// All of them, the plainest first.
    pub const ALL: [Self; 5] =
        [Self::Portable, Self::Avx2, Self::Avx512, Self::Avx512Bf16, Self::Amx];

    /// True when this processor has it and the operating system lets this process use it. The first
    /// call for [`Isa::Amx`] asks Linux for the tile registers.
    #[must_use]
    pub fn available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Bf16 => Self::Avx512.available() && is_x86_feature_detected!("avx512bf16"),
            #[cfg(target_arch = "x86_64")]
            Self::Amx => Self::Avx512Bf16.available() && platform::tiles_allowed(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The name it has in settings, files and the environment.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Bf16 => "avx512-bf16",
            Self::Amx => "amx",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|isa| isa.id() == id)
    }

    /// True when it only adds bfloat16 products to [`Isa::Avx512`].
    const fn is_bf16(self) -> bool {
        matches!(self, Self::Avx512Bf16 | Self::Amx)
    }
}

/// How products are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// f32 throughout.
    #[default]
    Full,
    /// Products of bfloat16 (8 bits of mantissa) with f32 sums, where the machine has them.
    Fast,
}

/// What kernels are made for: chosen once.
///
/// With [`Precision::Full`] the bfloat16 instruction sets work as [`Isa::Avx512`]; with
/// [`Precision::Fast`] the ones without bfloat16 work as with [`Precision::Full`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    /// The instructions.
    pub isa: Isa,
    /// The products.
    pub precision: Precision,
}

impl Machine {
    /// The fastest this machine has for a precision.
    #[must_use]
    pub fn best(precision: Precision) -> Self {
        Self::capped(precision, None)
    }

    /// The fastest this machine has that is no further down [`Isa::ALL`] than `cap`.
    #[must_use]
    pub fn capped(precision: Precision, cap: Option<Isa>) -> Self {
        let place = |isa| Isa::ALL.iter().position(|&other| other == isa);
        let isa = Isa::ALL
            .into_iter()
            .rev()
            .filter(|&isa| cap.is_none_or(|cap| place(isa) <= place(cap)))
            .filter(|isa| precision == Precision::Fast || !isa.is_bf16())
            .find(|isa| isa.available())
            .unwrap_or(Isa::Portable);
        Self { isa, precision }
    }

    /// Just these instructions, or none where this machine does not have them.
    #[must_use]
    pub fn forced(isa: Isa, precision: Precision) -> Option<Self> {
        isa.available().then_some(Self { isa, precision })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_is_found_by_its_name() {
        for isa in Isa::ALL {
            assert_eq!(Isa::from_id(isa.id()), Some(isa));
        }
        assert_eq!(Isa::from_id("AVX2"), None);
        assert_eq!(Isa::from_id(""), None);
    }

    #[test]
    fn a_cap_is_kept_and_full_precision_takes_no_bf16_set() {
        for precision in [Precision::Full, Precision::Fast] {
            for (place, cap) in Isa::ALL.into_iter().enumerate() {
                let machine = Machine::capped(precision, Some(cap));
                assert!(Isa::ALL[..=place].contains(&machine.isa), "{machine:?} above {cap:?}");
                assert!(machine.isa.available());
            }
        }
        assert!(!Machine::best(Precision::Full).isa.is_bf16());
        assert_eq!(Machine::capped(Precision::Fast, Some(Isa::Portable)).isa, Isa::Portable);
    }
}
