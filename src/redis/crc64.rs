//! CRC-64 as redis has it in RDB files and DUMP payloads: Jones' polynomial, reflected, no final XOR.

const POLYNOMIAL: u64 = 0x95AC_9329_AC4B_C9B5;

/// Eight tables: eight bytes are taken at once.
const TABLES: [[u64; 256]; 8] = tables();

const fn tables() -> [[u64; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        tables[0][i] = crc;
        i += 1;
    }
    let mut t = 1;
    while t < 8 {
        let mut i = 0;
        while i < 256 {
            let crc = tables[t - 1][i];
            tables[t][i] = crc >> 8 ^ tables[0][(crc & 0xFF) as usize];
            i += 1;
        }
        t += 1;
    }
    tables
}

/// Goes on from `crc` (0 at the start) over more bytes.
pub(crate) fn update(mut crc: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let x = (crc ^ u64::from_le_bytes(*word)).to_le_bytes();
        crc = 0;
        for (i, byte) in x.iter().enumerate() {
            crc ^= TABLES[7 - i][usize::from(*byte)];
        }
    }
    for byte in rest {
        crc = crc >> 8 ^ TABLES[0][usize::from(crc.to_le_bytes()[0] ^ byte)];
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_that_redis_states_comes_out() {
        assert_eq!(update(0, b"123456789"), 0xE9C6_D914_C4B8_D9CA);
    }

    #[test]
    fn pieces_of_any_size_give_the_same_sum() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let whole = update(0, &bytes);
        for size in [1, 3, 7, 8, 9, 64] {
            assert_eq!(bytes.chunks(size).fold(0, update), whole, "{size}");
        }
    }
}
