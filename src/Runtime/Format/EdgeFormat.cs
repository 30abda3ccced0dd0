using EdgeRuntime.Tensors;

namespace EdgeRuntime.Format;

/// <summary>The layout of an .edge file; docs/edge-format.md is the same in tables.</summary>
/// <remarks>
/// All numbers are little-endian; checksums are CRC-32C (<see cref="Crc32C"/>).
/// <code>
/// header        0  8 bytes  magic 89 45 44 47 45 0D 0A 1A ("‰EDGE", CR, LF, SUB)
///               8  u16      major version
///              10  u16      minor version
///              12  u32      number of sections
///              16  u64      length of the whole file
///              24  u32      0
///              28  u32      checksum of header and section table, this field taken as 0
/// section table: 24 bytes a section, in the order of their offsets
///                  u32 kind, u32 checksum of the section (0 for the weights), u64 offset, u64 length
/// metadata      packed JSON in UTF-8, see <see cref="ModelMetadata"/>
/// graph         packed, see <see cref="GraphEncoder"/>
/// weight table  packed; 24 bytes a block: u64 offset in its section, u64 length, u32 checksum of the block, u32 kind of its section
/// packed weights packed; blocks that are small or regular, one after the other
/// weights       all other blocks, then 64 zeros: kernels may read one vector past the end of a tensor
/// </code>
/// Packed sections are compressed, see <see cref="PackedSection"/>.
/// Sections, and blocks of the weights, begin at multiples of 64; the gaps between them are zeros, so that each bit of the file is checked.
/// <para>
/// Compatibility: a reader takes files of its own major version and of any minor version. A minor version may add kinds of
/// sections and metadata fields, which older readers skip, and operators and attributes, which they refuse by name: a graph
/// without them would compute something else. An attribute that is not in the file has its default, so a new attribute's
/// default must mean what was computed before. All else is a new major version.
/// </para>
/// <para>
/// Version 1 is still read: there nothing is packed, all blocks are in the weights, and offsets of blocks count from the start of the file.
/// Version 1.1 added bodies; version 2 packs.
/// </para>
/// </remarks>
internal static class EdgeFormat
{
    public const ushort Major = 2, Minor = 0;

    /// <summary>The version before, which is read, too.</summary>
    public const ushort OldMajor = 1, OldMinor = 1;

    public const int HeaderBytes = 32, SectionEntryBytes = 24, BlockEntryBytes = 24;
    public const int ChecksumOffset = 28;
    public const int Alignment = AlignedBuffer.Alignment;

    /// <summary>Zeros after the last block.</summary>
    public const int SpareBytes = 64;

    /// <summary>Blocks up to this size are packed: most are biases and tables, for which alignment is a waste.</summary>
    public const int SmallBlock = 512;

    /// <summary>The same for integers of 8 bits, which shrink by a tenth, while mantissas do not.</summary>
    public const int SmallByteBlock = 16384;

    /// <summary>Most sections a file may have, later minor versions included.</summary>
    public const int MostSections = 32;

    /// <summary>Limits that no model comes near; they bound what a hostile file can make a reader do.</summary>
    public const int LargestMetadata = 1 << 20, LargestGraph = 16 << 20, LargestWeightTable = 2 << 20, LargestPackedWeights = 2 << 20;

    /// <summary>As above, inside the graph.</summary>
    public const int LongestString = 65_535, MostSymbols = 4096, DeepestBody = 8;

    /// <summary>Most node inferences that the bodies of a graph may ask for; each loop around another multiplies them.</summary>
    public const long MostBodyWork = 4_000_000;

    /// <summary>The first eight bytes. A text-mode transfer would change them.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'E', (byte)'D', (byte)'G', (byte)'E', 0x0D, 0x0A, 0x1A];

    /// <summary>The next multiple of <see cref="Alignment"/>.</summary>
    public static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;
}

/// <summary>Kinds of sections; the numbers are in files and never change.</summary>
internal enum SectionKind : uint
{
    Metadata = 1,
    Graph = 2,
    WeightTable = 3,
    Weights = 4,

    /// <summary>Since version 2.</summary>
    PackedWeights = 5,
}

/// <summary>Kinds of attribute values; the numbers are in files and never change.</summary>
internal enum AttributeKind : byte
{
    Long = 1,
    Float = 2,
    String = 3,
    Longs = 4,
    Floats = 5,

    /// <summary>Since minor version 1.</summary>
    Body = 6,
}
