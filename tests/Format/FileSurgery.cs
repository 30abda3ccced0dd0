using System.Buffers.Binary;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Format;

/// <summary>Makes and mends damaged files.</summary>
internal static class FileSurgery
{
    /// <summary>A whole file around a graph section, checksums right; nothing is compressed unless asked for, so that damage reaches what it is meant for.</summary>
    public static byte[] Assemble(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> graph, IReadOnlyList<Tensor> blocks, bool compress = false)
    {
        using var stream = new MemoryStream();
        (byte[] head, IReadOnlyList<Tensor> large) = EdgeWriter.Head(metadata, graph, blocks, compress);
        EdgeWriter.Write(stream, head, large);
        return stream.ToArray();
    }

    /// <summary>A file in which nothing is compressed.</summary>
    public static byte[] Legible(EdgeModel model)
    {
        (byte[] section, IReadOnlyList<Tensor> blocks) = GraphEncoder.Encode(model.Graph);
        return Assemble(MetadataJson.Write(model.Metadata), section, blocks);
    }

    /// <summary>A file of version 1.1, as programs before version 2 wrote it.</summary>
    public static byte[] Old(EdgeModel model)
    {
        (byte[] graph, IReadOnlyList<Tensor> blocks) = GraphEncoder.Encode(model.Graph);
        byte[] table = new byte[blocks.Count * EdgeFormat.BlockEntryBytes];
        byte[][] sections = [MetadataJson.Write(model.Metadata), graph, table, []];
        byte[] header = new byte[EdgeFormat.HeaderBytes + sections.Length * EdgeFormat.SectionEntryBytes];
        EdgeFormat.Magic.CopyTo(header);
        (header[8], header[10], header[12]) = (1, 1, (byte)sections.Length);
        long at = EdgeFormat.Align(header.Length), weights = sections.Aggregate(at, (offset, s) => EdgeFormat.Align(offset + s.Length)), block = weights;
        for (int i = 0; i < blocks.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(i * EdgeFormat.BlockEntryBytes), block);
            BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(i * EdgeFormat.BlockEntryBytes + 8), blocks[i].Type.ByteCount);
            block = EdgeFormat.Align(block + blocks[i].Type.ByteCount);
        }
        byte[] whole = new byte[block + EdgeFormat.SpareBytes];
        for (int i = 0; i < sections.Length; i++)
        {
            Span<byte> entry = header.AsSpan(EdgeFormat.HeaderBytes + i * EdgeFormat.SectionEntryBytes);
            BinaryPrimitives.WriteInt32LittleEndian(entry, i + 1);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], at);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], i == 3 ? whole.Length - at : sections[i].Length);
            sections[i].CopyTo(whole, at);
            at = EdgeFormat.Align(at + sections[i].Length);
        }
        header.CopyTo(whole, 0);
        for (int i = 0; i < blocks.Count; i++) blocks[i].View.Bytes.CopyTo(whole.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(table.AsSpan(i * EdgeFormat.BlockEntryBytes))));
        Mend(whole);
        return whole;
    }

    /// <summary>Offset and length of section <paramref name="index"/>, as the header says, which may be nonsense.</summary>
    public static (ulong Offset, ulong Length) Section(ReadOnlySpan<byte> file, int index)
    {
        ReadOnlySpan<byte> entry = file[(EdgeFormat.HeaderBytes + index * EdgeFormat.SectionEntryBytes)..];
        return (BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]));
    }

    /// <summary>Makes all checksums and the file's length right again where they can be found, so that damage reaches what is behind them.</summary>
    public static void Mend(byte[] file)
    {
        if (file.Length < EdgeFormat.HeaderBytes + 5 * EdgeFormat.SectionEntryBytes) return;
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), file.Length);
        bool old = file[8] == EdgeFormat.OldMajor;
        if (Find(file, 2) is var (table, tableLength))
        {
            ulong start = old ? 0 : Section(file, 4).Offset;
            for (int at = table + (old ? 0 : 4); at + EdgeFormat.BlockEntryBytes <= table + tableLength; at += EdgeFormat.BlockEntryBytes)
            {
                ulong offset = unchecked(start + BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at))), length = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 8));
                if (offset > (ulong)file.Length || length > (ulong)file.Length - offset) continue;
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 16), Crc32C.Of(file.AsSpan((int)offset, (int)length)));
            }
        }
        for (int i = 0; i < (old ? 3 : 4); i++)
        {
            if (Find(file, i) is not var (offset, length)) continue;
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EdgeFormat.HeaderBytes + i * EdgeFormat.SectionEntryBytes + 4), Crc32C.Of(file.AsSpan(offset, length)));
        }
        uint sections = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)), EdgeFormat.MostSections);
        int header = (int)Math.Min(EdgeFormat.HeaderBytes + sections * EdgeFormat.SectionEntryBytes, file.Length);
        file.AsSpan(EdgeFormat.ChecksumOffset, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EdgeFormat.ChecksumOffset), Crc32C.Of(file.AsSpan(0, header)));
    }

    private static (int Offset, int Length)? Find(byte[] file, int index)
    {
        (ulong offset, ulong length) = Section(file, index);
        return offset > (ulong)file.Length || length > (ulong)file.Length - offset ? null : ((int)offset, (int)length);
    }
}
