using System.Buffers.Binary;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Format;

/// <summary>Writes .edge files; <see cref="EdgeFormat"/> has the layout. The same model always gives the same bytes.</summary>
public static class EdgeWriter
{
    /// <summary>
    /// Writes a model. The file appears whole or not at all: it is written under a temporary name in the same folder and then renamed.
    /// </summary>
    /// <exception cref="EdgeException">The file cannot be written (<see cref="ErrorCode.CannotWrite"/>); nothing is left behind.</exception>
    public static void Write(string path, EdgeModel model)
    {
        (byte[] head, IReadOnlyList<Tensor> blocks) = Head(model);
        AtomicFile.Write(path, stream => Write(stream, head, blocks));
    }

    /// <summary>The bytes of a file, for models that are embedded or sent.</summary>
    public static byte[] ToArray(EdgeModel model)
    {
        (byte[] head, IReadOnlyList<Tensor> blocks) = Head(model);
        using var stream = new MemoryStream();
        Write(stream, head, blocks);
        return stream.ToArray();
    }

    internal static void Write(Stream stream, byte[] head, IReadOnlyList<Tensor> blocks)
    {
        Span<byte> zeros = stackalloc byte[EdgeFormat.Alignment];
        zeros.Clear();
        stream.Write(head);
        foreach (Tensor block in blocks)
        {
            stream.Write(block.View.Bytes);
            stream.Write(zeros[..(int)(EdgeFormat.Align(block.Type.ByteCount) - block.Type.ByteCount)]);
        }
        stream.Write(zeros[..EdgeFormat.SpareBytes]);
    }

    /// <summary>All that comes before the weights, and the blocks in them.</summary>
    private static (byte[] Head, IReadOnlyList<Tensor> Blocks) Head(EdgeModel model)
    {
        (byte[] graph, IReadOnlyList<Tensor> blocks) = GraphEncoder.Encode(model.Graph);
        byte[] metadata = MetadataJson.Write(model.Metadata);
        string name = model.Graph.Name;
        if (metadata.Length > EdgeFormat.LargestMetadata)
            throw new EdgeException(ErrorCode.CannotWrite, $"The metadata of '{name}' has {metadata.Length:N0} bytes; at most {EdgeFormat.LargestMetadata:N0} fit into a file.", "Drop some of the source model's properties.");
        if (graph.Length > EdgeFormat.LargestGraph || (long)blocks.Count * EdgeFormat.BlockEntryBytes > EdgeFormat.LargestWeightTable)
            throw new EdgeException(ErrorCode.CannotWrite, $"The model '{name}' has {model.Graph.Nodes.Count:N0} layers and {blocks.Count:N0} constants, {graph.Length:N0} bytes without the weights; at most {EdgeFormat.LargestGraph:N0} fit into a file.", "Split it.");
        foreach (Tensor block in blocks)
            if (block.Type.ByteCount > int.MaxValue)
                throw new EdgeException(ErrorCode.CannotWrite, $"The model '{name}' has a constant {block.Type} of {block.Type.ByteCount:N0} bytes; at most 2^31 - 1 fit into a block.", "Split it.");
        return Head(metadata, graph, blocks);
    }

    /// <summary>Header, section table and all sections but the weights, and the blocks that make up the weights.</summary>
    internal static (byte[] Head, IReadOnlyList<Tensor> Blocks) Head(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> graph, IReadOnlyList<Tensor> blocks, bool compress = true)
    {
        byte[] table = new byte[blocks.Count * EdgeFormat.BlockEntryBytes];
        var large = new List<Tensor>();
        using var packed = new MemoryStream();
        long weightBytes = 0;
        for (int i = 0; i < blocks.Count; i++)
        {
            ReadOnlySpan<byte> bytes = blocks[i].View.Bytes;
            bool isPacked = packed.Length + bytes.Length <= EdgeFormat.LargestPackedWeights && (bytes.Length <= SmallBlock(blocks[i].Type.DataType) || PackedSection.IsRegular(bytes));
            Span<byte> row = table.AsSpan(i * EdgeFormat.BlockEntryBytes);
            BinaryPrimitives.WriteInt64LittleEndian(row, isPacked ? packed.Length : weightBytes);
            BinaryPrimitives.WriteInt64LittleEndian(row[8..], bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(row[20..], (uint)(isPacked ? SectionKind.PackedWeights : SectionKind.Weights));
            if (isPacked)
            {
                packed.Write(bytes);
                continue;
            }
            BinaryPrimitives.WriteUInt32LittleEndian(row[16..], Crc32C.Of(bytes));
            large.Add(blocks[i]);
            weightBytes = EdgeFormat.Align(weightBytes + bytes.Length);
        }

        (SectionKind Kind, byte[] Content)[] sections =
        [
            (SectionKind.Metadata, PackedSection.Pack(metadata, compress)), (SectionKind.Graph, PackedSection.Pack(graph, compress)),
            (SectionKind.WeightTable, PackedSection.Pack(table, compress)), (SectionKind.PackedWeights, PackedSection.Pack(packed.ToArray(), compress)),
        ];
        int headerBytes = EdgeFormat.HeaderBytes + (sections.Length + 1) * EdgeFormat.SectionEntryBytes;
        long weightsAt = sections.Aggregate(EdgeFormat.Align(headerBytes), (at, s) => EdgeFormat.Align(at + s.Content.Length)), fileBytes = weightsAt + weightBytes + EdgeFormat.SpareBytes;

        byte[] head = new byte[weightsAt];
        EdgeFormat.Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(8), EdgeFormat.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(10), EdgeFormat.Minor);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), sections.Length + 1);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), fileBytes);
        long offset = EdgeFormat.Align(headerBytes);
        for (int i = 0; i < sections.Length; i++)
        {
            (SectionKind kind, byte[] content) = sections[i];
            content.CopyTo(head.AsSpan((int)offset));
            SectionEntry(head, i, kind, Crc32C.Of(content), offset, content.Length);
            offset = EdgeFormat.Align(offset + content.Length);
        }
        SectionEntry(head, sections.Length, SectionKind.Weights, 0, weightsAt, fileBytes - weightsAt);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(EdgeFormat.ChecksumOffset), Crc32C.Of(head.AsSpan(0, headerBytes)));
        return (head, large);
    }

    private static int SmallBlock(DataType type) => type.Size() == 1 ? EdgeFormat.SmallByteBlock : EdgeFormat.SmallBlock;

    private static void SectionEntry(byte[] head, int index, SectionKind kind, uint checksum, long offset, long length)
    {
        Span<byte> entry = head.AsSpan(EdgeFormat.HeaderBytes + index * EdgeFormat.SectionEntryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], checksum);
        BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(entry[16..], length);
    }
}
