using System.Buffers.Binary;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using AttributeType = EdgeRuntime.Tools.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>
/// Changes models so that they make no sense any more: what a careless exporter, a broken transfer or somebody hostile may hand in. The same seed makes the
/// same model of the same sources.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="other">Another model, whose nodes are spliced in.</param>
internal sealed class ModelMutator(int seed, ModelProto other)
{
    private static readonly long[] Extremes =
        [0, 1, -1, 2, -2, 3, 7, 31, 64, 127, 255, 1000, 65_535, 1 << 20, (1 << 30) + 1, int.MaxValue, int.MinValue, 1L << 32, 1L << 40, long.MaxValue, long.MinValue];

    private static readonly float[] Numbers = [0, -0f, 1, -1, 0.5f, 1e-30f, 1e30f, float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    private readonly Random random = new(seed);
    private readonly List<string> done = [];

    /// <summary>What was changed.</summary>
    public string Log => string.Join("; ", done);

    /// <summary>A changed copy: one time in four of its bytes, else of its messages.</summary>
    public byte[] Mutate(ModelProto whole)
    {
        if (random.Next(4) == 0) return MutateBytes(whole.ToByteArray());
        ModelProto model = whole.Clone();
        // Mostly one change: more of them are refused at once, and nothing behind the importer sees them.
        for (int changes = Math.Max(1, random.Next(-3, 4)); changes > 0; changes--) MutateMessage(model);
        return model.ToByteArray();
    }

    private void MutateMessage(ModelProto model)
    {
        GraphProto graph = model.Graph;
        // Sometimes a subgraph instead of the graph around it.
        GraphProto[] bodies = [.. graph.Node.SelectMany(n => n.Attribute).Where(a => a.G is not null).Select(a => a.G)];
        if (bodies.Length > 0 && random.Next(2) == 0) graph = bodies[random.Next(bodies.Length)];
        switch (random.Next(16))
        {
            case 0: Operator(graph); break;
            case 1: Order(graph); break;
            case 2 or 3: Wire(graph); break;
            case 4 or 5 or 6: Attribute(graph); break;
            case 7: Weight(graph); break;
            case 8 or 9: SmallIntegers(graph); break;
            case 10 or 11: Port(graph); break;
            case 12: Version(model); break;
            case 13: Splice(graph); break;
            case 14: Output(graph); break;
            default: Function(model); break;
        }
    }

    private void Operator(GraphProto graph)
    {
        if (Pick(graph.Node) is not { } node) return;
        string[] names = [.. OnnxOperators.Names];
        string name = names[random.Next(names.Length)];
        int dot = name.LastIndexOf('.');
        Done($"{node.OpType} becomes {name}");
        (node.Domain, node.OpType) = dot < 0 ? ("", name) : (name[..dot], name[(dot + 1)..]);
    }

    private void Order(GraphProto graph)
    {
        if (graph.Node.Count == 0) return;
        int at = random.Next(graph.Node.Count), to = random.Next(graph.Node.Count);
        NodeProto node = graph.Node[at];
        Done($"node {at} moved, doubled or dropped");
        int how = random.Next(3);
        if (how != 1) graph.Node.RemoveAt(at);
        if (how != 2) graph.Node.Insert(Math.Min(to, graph.Node.Count), how == 1 ? node.Clone() : node);
    }

    private void Wire(GraphProto graph)
    {
        if (Pick(graph.Node) is not { } node) return;
        string[] values = [.. graph.Node.SelectMany(n => n.Output), .. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(i => i.Name), ""];
        string value = values[random.Next(values.Length)];
        Done($"an input of {node.OpType} becomes '{value}'");
        switch (random.Next(4))
        {
            case 0 when node.Input.Count > 0: node.Input.RemoveAt(random.Next(node.Input.Count)); break;
            case 1: node.Input.Add(value); break;
            case 2 when node.Output.Count > 0: node.Output[random.Next(node.Output.Count)] = value; break;
            default:
                if (node.Input.Count > 0) node.Input[random.Next(node.Input.Count)] = value;
                break;
        }
    }

    private void Attribute(GraphProto graph)
    {
        NodeProto[] having = [.. graph.Node.Where(n => n.Attribute.Count > 0)];
        if (having.Length == 0) return;
        NodeProto node = having[random.Next(having.Length)];
        AttributeProto attribute = node.Attribute[random.Next(node.Attribute.Count)];
        Done($"attribute {attribute.Name} of {node.OpType}");
        switch (random.Next(8))
        {
            case 0: node.Attribute.Remove(attribute); return;
            case 1: attribute.Type = (AttributeType)random.Next(16); return;
            case 2: attribute.Name += "s"; return;
            case 3 when attribute.T is not null: Tensor(attribute.T); return;
        }
        if (attribute.HasI) attribute.I = Extreme();
        if (attribute.HasF) attribute.F = Numbers[random.Next(Numbers.Length)];
        if (attribute.HasS) attribute.S = ByteString.CopyFromUtf8(random.Next(2) == 0 ? "" : new string('%', random.Next(40)));
        if (attribute.Ints.Count > 0) List(attribute.Ints, Extreme());
        else if (attribute.Type == AttributeType.Ints) attribute.Ints.Add(Extreme());
        if (attribute.Floats.Count > 0) List(attribute.Floats, Numbers[random.Next(Numbers.Length)]);
        if (attribute.Strings.Count > 0) List(attribute.Strings, ByteString.Empty);
        if (attribute.T is not null && random.Next(2) == 0) Tensor(attribute.T);
    }

    private void List<T>(Google.Protobuf.Collections.RepeatedField<T> list, T value)
    {
        switch (random.Next(4))
        {
            case 0: list.RemoveAt(random.Next(list.Count)); break;
            case 1: list.Insert(random.Next(list.Count + 1), value); break;
            default: list[random.Next(list.Count)] = value; break;
        }
    }

    private void Weight(GraphProto graph)
    {
        if (Pick(graph.Initializer) is { } weight) Tensor(weight);
    }

    /// <summary>Shapes, axes, repeats and the like are small integer tensors: what asks for terabytes stands there.</summary>
    private void SmallIntegers(GraphProto graph)
    {
        TensorProto[] small = [.. graph.Initializer.Concat(graph.Node.SelectMany(n => n.Attribute).Where(a => a.T is not null).Select(a => a.T)).Where(t => t.DataType is 6 or 7 && t.Dims.Aggregate(1L, (a, b) => a * b) is > 0 and <= 16)];
        if (small.Length == 0) return;
        TensorProto tensor = small[random.Next(small.Length)];
        long value = Extreme();
        Done($"an element of '{tensor.Name}' becomes {value}");
        if (tensor.HasRawData && tensor.RawData.Length >= 8)
        {
            byte[] bytes = tensor.RawData.ToByteArray();
            int size = tensor.DataType == 7 ? 8 : 4, at = random.Next(bytes.Length / size) * size;
            if (size == 8) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
            else BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), (int)value);
            tensor.RawData = ByteString.CopyFrom(bytes);
        }
        if (tensor.Int64Data.Count > 0) tensor.Int64Data[random.Next(tensor.Int64Data.Count)] = value;
        if (tensor.Int32Data.Count > 0) tensor.Int32Data[random.Next(tensor.Int32Data.Count)] = (int)value;
    }

    private void Tensor(TensorProto tensor)
    {
        Done($"tensor '{tensor.Name}'");
        switch (random.Next(8))
        {
            case 0 when tensor.Dims.Count > 0: tensor.Dims[random.Next(tensor.Dims.Count)] = Extreme(); break;
            case 1: tensor.Dims.Add(Extreme()); break;
            case 2 when tensor.Dims.Count > 0: tensor.Dims.RemoveAt(random.Next(tensor.Dims.Count)); break;
            case 3: tensor.DataType = random.Next(30); break;
            case 4 when tensor.HasRawData: tensor.RawData = ByteString.CopyFrom(tensor.RawData.Span[..random.Next(tensor.RawData.Length + 1)]); break;
            case 5: tensor.ClearRawData(); break;
            case 6:
                tensor.DataLocation = TensorProto.Types.DataLocation.External;
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" });
                break;
            default:
                // The same elements under another shape.
                (long[] dims, int by) = ([.. tensor.Dims], random.Next(1, 5));
                tensor.Dims.Clear();
                tensor.Dims.Add(dims.Skip(by % Math.Max(1, dims.Length)).Concat(dims.Take(by % Math.Max(1, dims.Length))));
                break;
        }
    }

    private void Port(GraphProto graph)
    {
        if (Pick(graph.Input) is not { Type.TensorType: { } tensor } port) return;
        Done($"input '{port.Name}'");
        switch (random.Next(5))
        {
            case 0: tensor.ElemType = random.Next(25); break;
            case 1: tensor.Shape = null; break;
            case 2 when tensor.Shape is { } shape: shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = Extreme() }); break;
            case 3 when tensor.Shape is { Dim.Count: > 0 } shape: shape.Dim.RemoveAt(random.Next(shape.Dim.Count)); break;
            default:
                if (tensor.Shape is { Dim.Count: > 0 } given)
                    given.Dim[random.Next(given.Dim.Count)] = random.Next(3) == 0 ? new TensorShapeProto.Types.Dimension { DimParam = "n" } : new TensorShapeProto.Types.Dimension { DimValue = Extreme() };
                break;
        }
    }

    private void Version(ModelProto model)
    {
        if (model.OpsetImport.Count == 0) return;
        OperatorSetIdProto set = model.OpsetImport[random.Next(model.OpsetImport.Count)];
        set.Version = random.Next(4) == 0 ? Extreme() : random.Next(1, 27);
        Done($"operator set {set.Version}");
    }

    private void Splice(GraphProto graph)
    {
        if (Pick(other.Graph.Node) is not { } foreign) return;
        NodeProto node = foreign.Clone();
        string[] values = [.. graph.Node.SelectMany(n => n.Output), .. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(i => i.Name)];
        if (values.Length == 0) return;
        Done($"a foreign {node.OpType}");
        for (int i = 0; i < node.Input.Count; i++) node.Input[i] = values[random.Next(values.Length)];
        int at = random.Next(graph.Node.Count + 1);
        // Its result takes the place of what some later node reads.
        if (at < graph.Node.Count && graph.Node[at].Input.Count > 0 && node.Output.Count > 0)
        {
            node.Output[0] = "spliced";
            graph.Node[at].Input[random.Next(graph.Node[at].Input.Count)] = "spliced";
        }
        graph.Node.Insert(at, node);
    }

    private void Output(GraphProto graph)
    {
        if (Pick(graph.Output) is not { } output) return;
        string[] values = [.. graph.Node.SelectMany(n => n.Output), .. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(i => i.Name), ""];
        Done($"output '{output.Name}'");
        if (random.Next(3) == 0) graph.Output.Add(output.Clone());
        else output.Name = values[random.Next(values.Length)];
    }

    /// <summary>A function of the model's own, which may call itself.</summary>
    private void Function(ModelProto model)
    {
        if (Pick(model.Graph.Node) is not { } node) return;
        Done($"{node.OpType} is a function");
        var function = new FunctionProto { Domain = node.Domain, Name = node.OpType };
        function.Input.Add(node.Input.Select((_, i) => $"i{i}"));
        function.Output.Add(node.Output.Select((_, i) => $"o{i}"));
        NodeProto body = (random.Next(2) == 0 ? node : Pick(other.Graph.Node) ?? node).Clone();
        for (int i = 0; i < body.Input.Count; i++) body.Input[i] = i < function.Input.Count ? function.Input[i] : "";
        for (int i = 0; i < body.Output.Count; i++) body.Output[i] = $"o{i}";
        function.Node.Add(body);
        function.OpsetImport.Add(model.OpsetImport);
        model.Functions.Add(function);
    }

    private byte[] MutateBytes(byte[] bytes)
    {
        var changed = new List<byte>(bytes);
        for (int changes = random.Next(1, 4); changes > 0 && changed.Count > 0; changes--)
        {
            int at = random.Next(changed.Count);
            switch (random.Next(8))
            {
                case 0: changed.RemoveRange(at, Math.Min(random.Next(1, 9), changed.Count - at)); Done($"bytes dropped at {at}"); break;
                case 1: changed.InsertRange(at, [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256))]); Done($"bytes inserted at {at}"); break;
                case 2: changed.RemoveRange(at, changed.Count - at); Done($"cut off at {at}"); break;
                case 3: changed.InsertRange(random.Next(changed.Count), changed.GetRange(at, Math.Min(random.Next(1, 200), changed.Count - at))); Done($"bytes of {at} doubled"); break;
                default:
                    // Structure is at the beginning of most models, and in short messages between weights.
                    if (random.Next(2) == 0) at = random.Next(Math.Min(changed.Count, 4096));
                    changed[at] ^= (byte)(1 << random.Next(8));
                    Done($"a bit of byte {at}");
                    break;
            }
        }
        return [.. changed];
    }

    private long Extreme() => random.Next(3) == 0 ? random.Next(-5, 300) : Extremes[random.Next(Extremes.Length)];

    private T? Pick<T>(IReadOnlyList<T> list) where T : class => list.Count == 0 ? null : list[random.Next(list.Count)];

    private void Done(string what) => done.Add(what);
}
