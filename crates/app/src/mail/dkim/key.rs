//! The key that mail is signed with: RSA of 2048 bits, which every mail provider knows how to verify. It is drawn once, on the command line, and
//! lies in a file of its own; what signs with it is `ring`. Nothing here writes or prints it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use ring::signature::RsaKeyPair;
use zeroize::Zeroizing;

/// How many bytes each of the two primes has.
const PRIME_BYTES: usize = 128;
/// The highest bit of a prime.
const TOP_BIT: u64 = 1023;
/// The public exponent.
const EXPONENT: u32 = 65_537;
/// How often a number is tried before it counts as prime: the chance that it is none is below one in 4^40.
const ROUNDS: usize = 40;
/// Numbers below this are tried as divisors first.
const SMALL: u32 = 2000;

/// `1.2.840.113549.1.1.1` and its empty parameters: that it is an RSA key.
const RSA: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const BYTES: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The lines around a key in a file, and whether it says there of itself that it is RSA.
const FORMS: &[(&str, bool)] = &[("PRIVATE KEY", true), ("RSA PRIVATE KEY", false)];

/// Draws a new key, as the text of its file (PKCS #8, as `openssl genpkey` writes it).
///
/// # Errors
/// In words, if the system gives no random bytes.
pub fn drawn() -> Result<Zeroizing<String>, String> {
    let (first, second) = loop {
        let (first, second) = (prime()?, prime()?);
        let apart = if first > second { &first - &second } else { &second - &first };
        // Primes close to each other give each other away.
        if apart.bits() > TOP_BIT - 100 {
            break if first > second { (first, second) } else { (second, first) };
        }
    };
    let one = BigUint::from(1_u32);
    let (below_first, below_second) = (&first - &one, &second - &one);
    let exponent = BigUint::from(EXPONENT);
    let none = || "the key drawn was none".to_owned();
    let private = exponent.modinv(&(&below_first * &below_second)).ok_or_else(none)?;
    let inverse = second.modinv(&first).ok_or_else(none)?;
    let parts = [
        BigUint::from(0_u32),
        &first * &second,
        exponent,
        private.clone(),
        first,
        second,
        &private % &below_first,
        &private % &below_second,
        inverse,
    ];
    let parts: Zeroizing<Vec<u8>> = Zeroizing::new(parts.iter().flat_map(integer).collect());
    let key = Zeroizing::new(tagged(SEQUENCE, &parts));
    let wrapped =
        Zeroizing::new([integer(&BigUint::from(0_u32)), RSA.to_vec(), tagged(BYTES, &key)].concat());
    let text = Zeroizing::new(STANDARD.encode(tagged(SEQUENCE, &wrapped)));
    let mut pem = Zeroizing::new("-----BEGIN PRIVATE KEY-----\n".to_owned());
    for (place, sign) in text.chars().enumerate() {
        if place > 0 && place.is_multiple_of(64) {
            pem.push('\n');
        }
        pem.push(sign);
    }
    pem.push_str("\n-----END PRIVATE KEY-----\n");
    Ok(pem)
}

/// Reads a key from the text of its file.
///
/// # Errors
/// In words, if it is none that mail can be signed with.
pub fn read(pem: &str) -> Result<RsaKeyPair, String> {
    for (form, wrapped) in FORMS {
        let (begin, end) = (format!("-----BEGIN {form}-----"), format!("-----END {form}-----"));
        let Some((_, after)) = pem.split_once(&begin) else { continue };
        let inside = after.split(&end).next().unwrap_or_default();
        let text: Zeroizing<String> = Zeroizing::new(inside.split_whitespace().collect());
        let bytes = STANDARD.decode(text.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| "what stands in it is damaged".to_owned())?;
        let key = if *wrapped { RsaKeyPair::from_pkcs8(&bytes) } else { RsaKeyPair::from_der(&bytes) };
        return key.map_err(|error| format!("it is no RSA key of 2048 to 4096 bits ({error})"));
    }
    Err("it holds no private key that begins with `-----BEGIN PRIVATE KEY-----`".to_owned())
}

/// What stands in the DNS of a key.
#[must_use]
pub fn record(key: &RsaKeyPair) -> String {
    let mut bits = vec![0];
    bits.extend_from_slice(key.public().as_ref());
    let public = tagged(SEQUENCE, &[RSA.to_vec(), tagged(BITS, &bits)].concat());
    format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(public))
}

/// A value with its kind and length before it (DER).
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut whole = vec![tag];
    match u8::try_from(value.len()) {
        Ok(short) if short < 0x80 => whole.push(short),
        _ => {
            let length: Vec<u8> =
                value.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            whole.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
            whole.extend(length);
        }
    }
    whole.extend_from_slice(value);
    whole
}

fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    // The first bit would say that it is below nothing.
    if bytes.first().is_some_and(|byte| *byte >= 0x80) {
        bytes.insert(0, 0);
    }
    tagged(INTEGER, &bytes)
}

fn random() -> Result<BigUint, String> {
    let mut bytes = Zeroizing::new([0_u8; PRIME_BYTES]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|error| format!("the system gives no randomness: {error}"))?;
    Ok(BigUint::from_bytes_be(bytes.as_slice()))
}

/// A random prime that goes with the exponent, its two highest bits set so that two of them make 2048 bits.
fn prime() -> Result<BigUint, String> {
    let one = BigUint::from(1_u32);
    loop {
        let mut number = random()?;
        for bit in [TOP_BIT, TOP_BIT - 1, 0] {
            number.set_bit(bit, true);
        }
        if &number % EXPONENT != one && is_prime(&number)? {
            return Ok(number);
        }
    }
}

/// Whether a number is prime as far as forty random witnesses can tell (Miller and Rabin).
fn is_prime(number: &BigUint) -> Result<bool, String> {
    let (none, one, two) = (BigUint::from(0_u32), BigUint::from(1_u32), BigUint::from(2_u32));
    if (3..SMALL).step_by(2).any(|small| number % small == none) {
        return Ok(false);
    }
    let below = number - &one;
    let halvings = below.trailing_zeros().unwrap_or_default();
    let odd = &below >> halvings;
    for _ in 0..ROUNDS {
        let witness = random()? % (&below - &two) + &two;
        let mut power = witness.modpow(&odd, number);
        if power == one || power == below {
            continue;
        }
        let mut composite = true;
        for _ in 1..halvings {
            power = power.modpow(&two, number);
            if power == below {
                composite = false;
                break;
            }
        }
        if composite {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_told_from_what_only_looks_like_one() {
        let read = |text: &[u8]| BigUint::parse_bytes(text, 10).unwrap();
        // 2^521 - 1 is prime. The others are products: of two Mersenne primes, and one that fools the first eight fixed witnesses.
        let mersenne = (BigUint::from(1_u32) << 521_u32) - 1_u32;
        assert!(is_prime(&mersenne).unwrap());
        assert!(!is_prime(&(&mersenne * ((BigUint::from(1_u32) << 607_u32) - 1_u32))).unwrap());
        assert!(!is_prime(&read(b"341550071728321")).unwrap());
    }

    #[test]
    fn what_is_no_key_is_said() {
        assert!(read("").is_err_and(|why| why.contains("holds no private key")));
        let damaged = "-----BEGIN PRIVATE KEY-----\n???\n-----END PRIVATE KEY-----\n";
        assert!(read(damaged).is_err_and(|why| why.contains("damaged")));
        let other = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert!(read(other).is_err_and(|why| why.contains("no RSA key")));
    }
}
