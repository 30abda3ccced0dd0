using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Format;

/// <summary>
/// Reads .edge files; <see cref="EdgeFormat"/> has the layout. The file is mapped, and weights are used where they lie. Every
/// offset, length, count, index and checksum is verified before use, so that no file can crash or exhaust the process.
/// </summary>
/// <remarks>
/// A file that is truncated by somebody while it is mapped makes the operating system end the process; replace
/// files by renaming, as <see cref="EdgeWriter"/> does.
/// </remarks>
public static unsafe class EdgeReader
{
    /// <summary>Maps a model file.</summary>
    /// <exception cref="EdgeException">
    /// <see cref="ErrorCode.CannotRead"/>, <see cref="ErrorCode.NotAnEdgeFile"/>, <see cref="ErrorCode.EdgeVersion"/> or <see cref="ErrorCode.CorruptEdgeFile"/>.
    /// </exception>
    public static EdgeModel Read(string path)
    {
        Mapping? mapping = null;
        try
        {
            mapping = Mapping.Open(path);
            return Read(mapping.Data, mapping.ByteCount, path, mapping, mapping);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            mapping?.Dispose();
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' cannot be read: {e.Message}", "Check the name and the permissions.", e);
        }
        catch (EdgeException)
        {
            mapping?.Dispose();
            throw;
        }
    }

    /// <summary>Reads a model from memory, such as an embedded resource; the bytes are copied once.</summary>
    /// <param name="file">The bytes of an .edge file.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <exception cref="EdgeException">As for files.</exception>
    public static EdgeModel Read(ReadOnlyMemory<byte> file, string name = "memory")
    {
        var buffer = new AlignedBuffer(file.Length);
        file.Span.CopyTo(new Span<byte>(buffer.Data, file.Length));
        return Read((byte*)buffer.Data, file.Length, name, buffer.Owner, buffer);
    }

    internal static EdgeException Corrupt(string file, string problem, Exception? inner = null) =>
        new(ErrorCode.CorruptEdgeFile, $"'{file}' is damaged: {problem}.", "Copy or convert it again.", inner);

    private static EdgeModel Read(byte* data, long length, string file, object memory, IDisposable owner)
    {
        (ushort major, bool newer) = CheckHeader(new ReadOnlySpan<byte>(data, (int)Math.Min(length, EdgeFormat.HeaderBytes)), length, file);
        Section[] sections = Sections(data, length, file);
        bool packed = major > EdgeFormat.OldMajor;
        ModelMetadata metadata = Metadata(Content(SectionKind.Metadata, EdgeFormat.LargestMetadata), file);
        ReadOnlySpan<byte> graphSection = Content(SectionKind.Graph, EdgeFormat.LargestGraph);
        var blocks = new WeightBlocks(data, file, memory);
        if (packed) blocks.CheckPacked(Content(SectionKind.PackedWeights, EdgeFormat.LargestPackedWeights));
        blocks.Check(Content(SectionKind.WeightTable, EdgeFormat.LargestWeightTable), Find(SectionKind.Weights), packed);
        Graph graph = new GraphDecoder(graphSection, file, length, newer, blocks.Count, blocks.Tensor).Decode();
        return new EdgeModel(graph, metadata, owner);

        Section Find(SectionKind kind)
        {
            Section[] found = Array.FindAll(sections, s => s.Kind == kind);
            return found.Length == 1 ? found[0] : throw Corrupt(file, $"it has {found.Length} sections '{Name(kind)}' instead of one");
        }

        ReadOnlySpan<byte> Content(SectionKind kind, int largest)
        {
            Section section = Find(kind);
            if (section.Length > int.MaxValue) throw Corrupt(file, $"section '{Name(kind)}' has {section.Length:N0} bytes");
            var bytes = new ReadOnlySpan<byte>(data + section.Offset, (int)section.Length);
            if (Crc32C.Of(bytes) != section.Checksum) throw Corrupt(file, $"the checksum of section '{Name(kind)}' is wrong");
            return packed ? PackedSection.Unpack(bytes, largest, file, Name(kind)) : bytes;
        }
    }

    /// <summary>Checks magic, version and length; the major version, and whether the minor one is newer than this program.</summary>
    private static (ushort Major, bool Newer) CheckHeader(ReadOnlySpan<byte> header, long length, string file)
    {
        int magic = Math.Min(header.Length, EdgeFormat.Magic.Length);
        if (header.Length == 0 || !header[..magic].SequenceEqual(EdgeFormat.Magic[..magic]))
        {
            throw new EdgeException(ErrorCode.NotAnEdgeFile,
                header.Length == 0 ? $"'{file}' is empty." : $"'{file}' is not an .edge file: it begins with {Convert.ToHexString(header[..magic])}.",
                "`edgert convert MODEL.onnx -o MODEL.edge` makes one.");
        }
        if (header.Length < EdgeFormat.HeaderBytes) throw Corrupt(file, $"it ends after {length} bytes, inside its header");
        ushort major = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]), minor = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        if (major is not (EdgeFormat.Major or EdgeFormat.OldMajor))
        {
            throw new EdgeException(ErrorCode.EdgeVersion, $"'{file}' is of version {major}.{minor} of the format; this program reads versions {EdgeFormat.OldMajor} and {EdgeFormat.Major}.",
                major > EdgeFormat.Major ? "Update EdgeRuntime, or convert the source model with this version." : "Convert the source model again.");
        }
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        if (declared != (ulong)length) throw Corrupt(file, $"it has {length:N0} bytes, its header says {declared:N0}");
        return (major, minor > (major == EdgeFormat.Major ? EdgeFormat.Minor : EdgeFormat.OldMinor));
    }

    /// <summary>The section table, checked: sections lie inside the file, in order, aligned, and nothing lies between them.</summary>
    private static Section[] Sections(byte* data, long length, string file)
    {
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(data + 12, 4));
        if (count > EdgeFormat.MostSections || EdgeFormat.HeaderBytes + count * EdgeFormat.SectionEntryBytes > length)
            throw Corrupt(file, $"its header claims {count:N0} sections");
        int headerBytes = EdgeFormat.HeaderBytes + (int)count * EdgeFormat.SectionEntryBytes;
        Span<byte> header = stackalloc byte[headerBytes];
        new ReadOnlySpan<byte>(data, headerBytes).CopyTo(header);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(header[EdgeFormat.ChecksumOffset..]);
        header.Slice(EdgeFormat.ChecksumOffset, 4).Clear();
        if (Crc32C.Of(header) != checksum) throw Corrupt(file, "the checksum of its header is wrong");

        var sections = new Section[count];
        long end = headerBytes;
        for (int i = 0; i < sections.Length; i++)
        {
            ReadOnlySpan<byte> entry = header[(EdgeFormat.HeaderBytes + i * EdgeFormat.SectionEntryBytes)..];
            var section = new Section((SectionKind)BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
            end = Follow(data, length, end, section.Offset, section.Length, file, $"section '{Name(section.Kind)}'");
            sections[i] = section;
        }
        if (end != length) throw Corrupt(file, $"{length - end:N0} bytes follow its last section");
        return sections;
    }

    /// <summary>Checks that a part begins where the one before it ends, rounded up to the alignment, over zeros; its end.</summary>
    internal static long Follow(byte* data, long limit, long previousEnd, long offset, long length, string file, string what)
    {
        if (offset != EdgeFormat.Align(previousEnd) || offset > limit || length < 0 || length > limit - offset)
            throw Corrupt(file, $"{what} is said to be {length:N0} bytes at {offset:N0}, which is outside of the file or over another part");
        if (new ReadOnlySpan<byte>(data + previousEnd, (int)(offset - previousEnd)).ContainsAnyExcept((byte)0))
            throw Corrupt(file, $"there is something in the gap before {what}");
        return offset + length;
    }

    private static ModelMetadata Metadata(ReadOnlySpan<byte> json, string file)
    {
        if (json.Length > EdgeFormat.LargestMetadata) throw Corrupt(file, $"section 'metadata' has {json.Length:N0} bytes");
        try
        {
            return MetadataJson.Read(json);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw Corrupt(file, $"section 'metadata': {e.Message.TrimEnd('.')}", e);
        }
    }

    private static string Name(SectionKind kind) => kind switch
    {
        SectionKind.Metadata => "metadata",
        SectionKind.Graph => "graph",
        SectionKind.WeightTable => "weight table",
        SectionKind.Weights => "weights",
        SectionKind.PackedWeights => "packed weights",
        _ => $"{(uint)kind}",
    };

    /// <summary>A row of the section table.</summary>
    internal readonly record struct Section(SectionKind Kind, uint Checksum, long Offset, long Length);

    /// <summary>A file mapped read-only.</summary>
    private sealed class Mapping : IDisposable
    {
        private readonly MemoryMappedFile file;
        private readonly MemoryMappedViewAccessor view;
        private bool released;

        private Mapping(MemoryMappedFile file, MemoryMappedViewAccessor view, long byteCount)
        {
            this.file = file;
            this.view = view;
            ByteCount = byteCount;
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            Data = pointer + view.PointerOffset;
        }

        ~Mapping() => Release();

        public byte* Data { get; }

        public long ByteCount { get; }

        public static Mapping Open(string path)
        {
            using FileStream stream = RegularFile.OpenRead(path);
            long length = stream.Length;
            if (length == 0) CheckHeader([], 0, path);
            var file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new Mapping(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
        }

        public void Dispose()
        {
            Release();
            GC.SuppressFinalize(this);
        }

        private void Release()
        {
            if (released) return;
            released = true;
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            file.Dispose();
        }
    }
}
