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

    /// <summary>All that comes before the weights.</summary>
    private static (byte[] Head, IReadOnlyList<Tensor> Blocks) Head(EdgeModel model)
    {
        (byte[] graph, IReadOnlyList<Tensor> blocks) = GraphEncoder.Encode(model.Graph);
        byte[] metadata = MetadataJson.Write(model.Metadata);
        if (metadata.Length > EdgeFormat.LargestMetadata)
            throw new EdgeException(ErrorCode.CannotWrite, $"The metadata of '{model.Graph.Name}' has {metadata.Length:N0} bytes; at most {EdgeFormat.LargestMetadata:N0} fit into a file.", "Drop some of the source model's properties.");
        foreach (Tensor block in blocks)
            if (block.Type.ByteCount > int.MaxValue)
                throw new EdgeException(ErrorCode.CannotWrite, $"The model '{model.Graph.Name}' has a constant {block.Type} of {block.Type.ByteCount:N0} bytes; at most 2^31 - 1 fit into a block.", "Split it.");
        return (Head(metadata, graph, blocks), blocks);
    }

    /// <summary>Header, section table and all sections but the weights.</summary>
    internal static byte[] Head(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> graph, IReadOnlyList<Tensor> blocks)
    {
        const int Sections = 4;
        long metadataAt = EdgeFormat.Align(EdgeFormat.HeaderBytes + Sections * EdgeFormat.SectionEntryBytes);
        long graphAt = EdgeFormat.Align(metadataAt + metadata.Length);
        long tableAt = EdgeFormat.Align(graphAt + graph.Length);
        long weightsAt = EdgeFormat.Align(tableAt + (long)blocks.Count * EdgeFormat.BlockEntryBytes);

        byte[] table = new byte[blocks.Count * EdgeFormat.BlockEntryBytes];
        long at = weightsAt;
        for (int i = 0; i < blocks.Count; i++)
        {
            Span<byte> row = table.AsSpan(i * EdgeFormat.BlockEntryBytes);
            BinaryPrimitives.WriteInt64LittleEndian(row, at);
            BinaryPrimitives.WriteInt64LittleEndian(row[8..], blocks[i].Type.ByteCount);
            BinaryPrimitives.WriteUInt32LittleEndian(row[16..], Crc32C.Of(blocks[i].View.Bytes));
            at = EdgeFormat.Align(at + blocks[i].Type.ByteCount);
        }
        long fileBytes = at + EdgeFormat.SpareBytes;

        byte[] head = new byte[weightsAt];
        EdgeFormat.Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(8), EdgeFormat.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(10), EdgeFormat.Minor);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), Sections);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), fileBytes);
        Section(head, 0, SectionKind.Metadata, metadataAt, metadata);
        Section(head, 1, SectionKind.Graph, graphAt, graph);
        Section(head, 2, SectionKind.WeightTable, tableAt, table);
        SectionEntry(head, 3, SectionKind.Weights, 0, weightsAt, fileBytes - weightsAt);
        uint checksum = Crc32C.Of(head.AsSpan(0, EdgeFormat.HeaderBytes + Sections * EdgeFormat.SectionEntryBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(EdgeFormat.ChecksumOffset), checksum);
        return head;
    }

    private static void Section(byte[] head, int index, SectionKind kind, long offset, ReadOnlySpan<byte> content)
    {
        content.CopyTo(head.AsSpan((int)offset));
        SectionEntry(head, index, kind, Crc32C.Of(content), offset, content.Length);
    }

    private static void SectionEntry(byte[] head, int index, SectionKind kind, uint checksum, long offset, long length)
    {
        Span<byte> entry = head.AsSpan(EdgeFormat.HeaderBytes + index * EdgeFormat.SectionEntryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], checksum);
        BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(entry[16..], length);
    }
}
