//! `in_network`: whether an address lies in a network, written as in RFC 4632
//! (`192.0.2.0/24`) or RFC 4291 (`2001:db8::/32`).

use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct InNetwork {
    signature: Signature,
}

impl Default for InNetwork {
    fn default() -> Self {
        Self { signature: Signature::exact(vec![DataType::Utf8View; 2], Volatility::Immutable) }
    }
}

/// Whether the first bits of both agree; `None` where one can't be read. An IPv4
/// address that is written as IPv6 (`::ffff:192.0.2.1`) is that IPv4 address.
fn lies_in(address: &str, network: &str) -> Option<bool> {
    let address: IpAddr = address.parse().ok()?;
    let (start, bits) = network.split_once('/').unwrap_or((network, ""));
    let start: IpAddr = start.parse().ok()?;
    let (address, start) = (address.to_canonical(), start.to_canonical());
    let width = if start.is_ipv4() { 32 } else { 128 };
    let bits = if bits.is_empty() {
        width
    } else {
        bits.parse::<u32>().ok().filter(|bits| *bits <= width)?
    };
    if address.is_ipv4() != start.is_ipv4() {
        return Some(false);
    }
    let differing = (number(address) ^ number(start)).checked_shr(width - bits).unwrap_or(0);
    Some(differing == 0)
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

impl ScalarUDFImpl for InNetwork {
    fn name(&self) -> &'static str {
        "in_network"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [address, network] = arrays.as_slice() else {
            return Ok(ColumnarValue::Array(Arc::new(BooleanArray::new_null(args.number_rows))));
        };
        let pairs = address.as_string_view().iter().zip(network.as_string_view().iter());
        let lies: BooleanArray =
            pairs.map(|(address, network)| lies_in(address?, network?)).collect();
        Ok(ColumnarValue::Array(Arc::new(lies)))
    }
}

#[cfg(test)]
mod tests {
    use super::lies_in;

    #[test]
    fn addresses_lie_in_networks_of_their_own_kind() {
        for (address, network, expected) in [
            ("192.0.2.255", "192.0.2.0/24", Some(true)),
            ("192.0.3.0", "192.0.2.0/24", Some(false)),
            ("192.0.2.7", "192.0.2.7", Some(true)),
            ("192.0.2.8", "192.0.2.7/31", Some(false)),
            ("198.51.100.1", "0.0.0.0/0", Some(true)),
            ("::ffff:192.0.2.1", "192.0.2.0/24", Some(true)),
            ("2001:db8:1::9", "2001:db8::/32", Some(true)),
            ("2001:db9::", "2001:db8::/32", Some(false)),
            ("2001:db8::1", "::/0", Some(true)),
            ("192.0.2.1", "2001:db8::/32", Some(false)),
            ("no address", "192.0.2.0/24", None),
            ("192.0.2.1", "192.0.2.0/33", None),
            ("192.0.2.1", "offices", None),
        ] {
            assert_eq!(lies_in(address, network), expected, "{address} in {network}");
        }
    }
}
