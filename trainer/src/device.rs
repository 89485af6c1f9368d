//! Where networks are trained: on the processor, or on an NVIDIA card where the program was built
//! for one.

use crate::Error;
use crate::optimiser::Amp;
use candle_core::{DType, Device};
use std::fmt::Display;
use std::str::FromStr;

/// What `train.device` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The first card if there is one and the program can use it, else the processor.
    Auto,
    /// The processor.
    Cpu,
    /// A card, counted from 0.
    Cuda(usize),
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || Error::setting("train.device", text, "auto, cpu, cuda or cuda:N");
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            other => {
                let number = other.strip_prefix("cuda:").ok_or_else(refused)?;
                Ok(Self::Cuda(number.parse().map_err(|_| refused())?))
            }
        }
    }
}

impl Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl Choice {
    /// Opens it.
    ///
    /// # Errors
    /// When a card is asked for by a program built without `--features cuda`, or there is none.
    pub fn open(self) -> Result<Device, Error> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto if cfg!(feature = "cuda") => Ok(Device::new_cuda(0).unwrap_or(Device::Cpu)),
            Self::Auto => Ok(Device::Cpu),
            Self::Cuda(number) if cfg!(feature = "cuda") => {
                Device::new_cuda(number).map_err(|error| {
                    let text = error.to_string();
                    let text = text.lines().next().unwrap_or_default();
                    Error::failed(format!("train.device: cuda:{number}: {text}"))
                })
            }
            Self::Cuda(_) => Err(Error::setting(
                "train.device",
                self,
                "cpu: this program was built without CUDA (--features cuda)",
            )),
        }
    }
}

/// What a network computes in: short floats only where a device is faster with them.
///
/// # Errors
/// When short floats are asked of the processor.
pub fn float_type(amp: Amp, device: &Device) -> Result<DType, Error> {
    match amp {
        Amp::Off => Ok(DType::F32),
        Amp::Bf16 | Amp::F16 if device.is_cpu() => {
            let expected = "off: the processor trains in f32; or a GPU in train.device";
            Err(Error::setting("optimiser.amp", format!("{amp:?}").to_lowercase(), expected))
        }
        Amp::Bf16 => Ok(DType::BF16),
        Amp::F16 => Ok(DType::F16),
    }
}

/// For the record.
#[must_use]
pub fn name(device: &Device) -> String {
    match device.location() {
        candle_core::DeviceLocation::Cpu => "cpu".to_owned(),
        candle_core::DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
        candle_core::DeviceLocation::Metal { gpu_id } => format!("metal:{gpu_id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_by_name_and_others_refused() {
        for text in ["auto", "cpu", "cuda:3"] {
            assert_eq!(text.parse::<Choice>().expect("a device").to_string(), text);
        }
        assert_eq!("cuda".parse::<Choice>().expect("a device"), Choice::Cuda(0));
        let error = "gpu".parse::<Choice>().expect_err("none").to_string();
        assert!(error.contains("train.device") && error.contains("gpu"), "{error}");
    }

    #[test]
    fn short_floats_are_refused_on_the_processor() {
        let error = float_type(Amp::Bf16, &Device::Cpu).expect_err("refused").to_string();
        assert!(error.contains("optimiser.amp") && error.contains("bf16"), "{error}");
        assert_eq!(float_type(Amp::Off, &Device::Cpu).expect("f32"), DType::F32);
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_program_without_cuda_says_so() {
        let error = Choice::Cuda(0).open().expect_err("no CUDA").to_string();
        assert!(error.contains("--features cuda"), "{error}");
        assert!(Choice::Auto.open().expect("the processor").is_cpu());
    }
}
