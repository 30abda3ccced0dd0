using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeRuntime.Format;

/// <summary>
/// CRC-32C (Castagnoli; reflected polynomial 0x82F63B78, start and final exclusive-or all ones), as in iSCSI, RFC 3720 appendix B.4.
/// </summary>
internal static class Crc32C
{
    /// <summary>Bytes of a part: three of them are taken at a time, since the processor's instruction takes three cycles and can begin one in each.</summary>
    private const int PartBytes = 2048;

    /// <summary>What <see cref="PartBytes"/> zeros make of each byte of a checksum.</summary>
    private static readonly uint[] Shift = ShiftTable();

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 3 * PartBytes; bytes = bytes[(3 * PartBytes)..])
        {
            ReadOnlySpan<ulong> first = Words(bytes), second = Words(bytes[PartBytes..]), third = Words(bytes[(2 * PartBytes)..]);
            uint b = 0, c = 0;
            for (int i = 0; i < PartBytes / sizeof(ulong); i++)
            {
                crc = BitOperations.Crc32C(crc, InOrder(first[i]));
                b = BitOperations.Crc32C(b, InOrder(second[i]));
                c = BitOperations.Crc32C(c, InOrder(third[i]));
            }
            crc = Shifted(Shifted(crc) ^ b) ^ c;
        }
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) crc = BitOperations.Crc32C(crc, InOrder(word));
        foreach (byte one in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }

    private static ReadOnlySpan<ulong> Words(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, ulong>(bytes[..PartBytes]);

    private static ulong InOrder(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);

    /// <summary>What a checksum becomes by a part of zeros.</summary>
    private static uint Shifted(uint crc) => Shift[(byte)crc] ^ Shift[256 + (byte)(crc >> 8)] ^ Shift[512 + (byte)(crc >> 16)] ^ Shift[768 + (crc >> 24)];

    private static uint[] ShiftTable()
    {
        // A checksum of zeros is linear: those of single bits give all others.
        uint[] table = new uint[4 * 256];
        for (int bit = 0; bit < 32; bit++)
        {
            uint crc = 1u << bit;
            for (int i = 0; i < PartBytes / sizeof(ulong); i++) crc = BitOperations.Crc32C(crc, 0UL);
            int start = bit / 8 * 256, one = 1 << bit % 8;
            for (int value = 0; value < one; value++) table[start + one + value] = table[start + value] ^ crc;
        }
        return table;
    }
}
