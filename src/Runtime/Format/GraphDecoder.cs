using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Format;

/// <summary>
/// Reads the graph section, of which nothing is trusted: <see cref="GraphEncoder"/> has the layout. Memory and work are charged
/// to a budget as they are used, so that a small file cannot claim a large graph.
/// </summary>
internal ref struct GraphDecoder
{
    /// <summary>Rough costs in bytes of what is kept and what is thrown away on the way, the verifier's work included.</summary>
    private const int NodeCost = 1500, OperandCost = 400, ValueCost = 400, AttributeCost = 250, BodyCost = 4000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Func<int, TensorType, Tensor> constant;
    private readonly int blockCount;
    private readonly bool newer;
    private List<Value> values = [];
    private int depth;
    private long bodyWork;
    private readonly long readable;
    private ByteReader reader;
    private string[] strings = [];
    private GraphBuilder root = null!;
    private int symbolCount;
    private long budget;
    private long constantBytesRead;
    private AttributeReader? spare;

    /// <summary>Prepares to read.</summary>
    /// <param name="section">The section.</param>
    /// <param name="file">Name of the file, for errors.</param>
    /// <param name="fileBytes">Size of the file: what it may cost grows with it.</param>
    /// <param name="newer">True when the file is of a newer minor version than this reader.</param>
    /// <param name="blockCount">Rows of the weight table.</param>
    /// <param name="constant">Makes the tensor of a block and type, or throws if they do not fit.</param>
    public GraphDecoder(ReadOnlySpan<byte> section, string file, long fileBytes, bool newer, int blockCount, Func<int, TensorType, Tensor> constant)
    {
        reader = new ByteReader(section, file);
        this.newer = newer;
        this.blockCount = blockCount;
        this.constant = constant;
        // What a packed section takes is paid already.
        budget = (40 << 20) + fileBytes - section.Length;
        // Shape rules may look at the elements of constants; sharing one hundreds of times is more than any model does.
        readable = (256 << 20) + 64 * fileBytes;
    }

    /// <summary>The strings that indices refer to; read from the section unless given.</summary>
    public string[] StringTable
    {
        init => strings = value;
    }

    /// <summary>The graph, verified.</summary>
    public Graph Decode()
    {
        Strings();
        var builder = new GraphBuilder(String());
        Symbols(builder);
        root = builder;
        bodyWork = Contents(builder);
        if (reader.Remaining > 0) throw reader.Fail($"{reader.Remaining:N0} bytes follow its end");
        return Guarded("the graph", null, builder, b => b.Build(isInferred: true));
    }

    /// <summary>What follows the symbols; the number of inferences that one of the graph's types takes, bodies included.</summary>
    private long Contents(GraphBuilder builder)
    {
        int inputs = reader.Count("inputs", 4);
        for (int i = 0; i < inputs; i++)
        {
            string name = String();
            Declare(builder.Input(name, Type()));
        }
        int constants = reader.Count("constants", 5);
        for (int i = 0; i < constants; i++)
        {
            string name = String();
            TensorType type = Type();
            Declare(builder.Constant(name, constant(reader.Index("weight block", blockCount), type)));
        }

        string[] operators = Operators();
        int nodes = reader.Count("nodes", 5);
        long work = nodes;
        for (int i = 0; i < nodes; i++) work += Node(builder, operators);
        if (work > EdgeFormat.MostBodyWork) throw reader.Fail("bodies inside bodies would take for ever to verify");

        int outputs = reader.Count("outputs", 2);
        for (int i = 0; i < outputs; i++)
        {
            Charge(100);
            string name = String();
            builder.Output(name, values[reader.Index("value", values.Count)]);
        }
        return work;
    }

    /// <summary>A graph inside an operator; it sees the strings, symbols and blocks of the file, and no values but its own.</summary>
    private GraphBody Body()
    {
        if (++depth > EdgeFormat.DeepestBody) throw reader.Fail($"bodies are nested more than {EdgeFormat.DeepestBody} deep");
        Charge(BodyCost + 8L * symbolCount);
        (List<Value> outer, long outerWork) = (values, bodyWork);
        values = [];
        GraphBuilder builder = root.Nested(String());
        long work = Contents(builder);
        (values, bodyWork) = (outer, outerWork + work);
        depth--;
        return new GraphBody(Guarded("a body", null, builder, b => b.Build(isInferred: true)));
    }

    private void Strings()
    {
        strings = new string[Charged(reader.Count("strings"), 8)];
        for (int i = 0; i < strings.Length; i++)
        {
            int length = reader.Count("bytes of text");
            if (length > EdgeFormat.LongestString) throw reader.Fail($"a string of {length:N0} bytes is longer than {EdgeFormat.LongestString:N0}");
            Charge(40 + 2 * length);
            ReadOnlySpan<byte> bytes = reader.Bytes(length);
            try
            {
                strings[i] = StrictUtf8.GetString(bytes);
            }
            catch (DecoderFallbackException e)
            {
                throw reader.Fail($"string {i} is not UTF-8", e);
            }
        }
    }

    private void Symbols(GraphBuilder builder)
    {
        symbolCount = reader.Count("symbols");
        if (symbolCount > EdgeFormat.MostSymbols) throw reader.Fail($"it claims {symbolCount:N0} symbols; at most {EdgeFormat.MostSymbols:N0} are allowed");
        for (int i = 0; i < symbolCount; i++)
        {
            string name = String();
            if (builder.Symbol(name) != Shape.Symbol(i)) throw reader.Fail($"the symbol '{name}' is listed twice");
        }
    }

    private string[] Operators()
    {
        string[] names = new string[Charged(reader.Count("operators"), 8)];
        for (int i = 0; i < names.Length; i++) names[i] = String();
        string[] unknown = [.. names.Where(name => OperatorCatalog.Create(name) is null).Distinct().Take(20)];
        if (unknown.Length == 0) return names;
        throw Unknown($"it uses {(unknown.Length == 1 ? "an operator" : "operators")} that this version does not have: {string.Join(", ", unknown)}");
    }

    private long Node(GraphBuilder builder, string[] operators)
    {
        Charge(NodeCost);
        bodyWork = 0;
        string name = String();
        Operator op = OperatorCatalog.Create(operators[reader.Index("operator", operators.Length)])!;
        Attributes(op, name);

        var operands = new Value?[Charged(reader.Count("operands"), OperandCost)];
        for (int i = 0; i < operands.Length; i++)
        {
            int index = reader.Index("value", values.Count + 1);
            if (index == 0) continue;
            operands[i] = values[index - 1];
            constantBytesRead += operands[i]!.Constant?.Type.ByteCount ?? 0;
        }
        if (constantBytesRead > readable) throw reader.Fail($"node '{name}': its constants are read too many times");

        Node node = Guarded("node", name, (name, op, operands), n => GraphBuilder.Create(n.name, n.op, n.operands));
        int results = reader.Count("results", 4);
        if (results != node.Outputs.Count) throw reader.Fail($"node '{name}' has {results} results, but {op.Name} gives {node.Outputs.Count}");
        foreach (Value output in node.Outputs)
        {
            string outputName = String();
            TensorType declared = Type();
            if (declared.DataType != output.Type.DataType || !output.Type.Shape.Accepts(declared.Shape))
                throw reader.Fail($"'{outputName}' is declared {declared}, but node '{name}' ({op.Name}) gives {output.Type}");
            output.Name = outputName;
            output.Type = declared;
            Declare(output);
        }
        builder.Add(node);
        // A loop asks its body up to three times, until the types of what it carries are settled.
        return op is If ? bodyWork : 3 * bodyWork;
    }

    /// <summary>Sets the attributes of a node's operator.</summary>
    public void Attributes(Operator op, string node)
    {
        // Bodies have attributes of their own, read in between.
        AttributeReader codec = spare ?? new AttributeReader();
        spare = null;
        codec.Clear();
        int count = reader.Count("attributes", 3);
        for (int i = 0; i < count; i++)
        {
            Charge(AttributeCost);
            string name = String();
            if (!codec.Add(name, AttributeValue(name))) throw reader.Fail($"node '{node}': the attribute '{name}' is there twice");
        }
        Guarded("node", node, (op, codec), n =>
        {
            n.op.Attributes(n.codec);
            return n.op;
        });
        if (codec.Unknown is { } unknown) throw Unknown($"node '{node}': this version's {op.Name} has no attribute '{unknown}'");
        spare = codec;
    }

    private object AttributeValue(string name)
    {
        byte kind = reader.Byte();
        switch ((AttributeKind)kind)
        {
            case AttributeKind.Long: return reader.Signed();
            case AttributeKind.Float: return reader.Single();
            case AttributeKind.String: return String();
            case AttributeKind.Longs:
                // Operators often turn these into lists of int, and print them in errors.
                long[] integers = new long[Charged(reader.Count("integers"), 64)];
                for (int i = 0; i < integers.Length; i++) integers[i] = reader.Signed();
                return integers;
            case AttributeKind.Floats:
                float[] numbers = new float[Charged(reader.Count("numbers", sizeof(float)), 32)];
                for (int i = 0; i < numbers.Length; i++) numbers[i] = reader.Single();
                return numbers;
            case AttributeKind.Body: return Body();
            default: throw reader.Fail($"the attribute '{name}' is of the unknown kind {kind}");
        }
    }

    private TensorType Type()
    {
        var dataType = (DataType)reader.Byte();
        if (dataType.Size() == 0) throw reader.Fail($"there is no element type {(byte)dataType}");
        int rank = reader.Byte() - 1;
        if (rank > Shape.MaxRank) throw reader.Fail($"a tensor has {rank} dimensions; at most {Shape.MaxRank} are supported");
        Span<int> dimensions = stackalloc int[Math.Max(rank, 0)];
        for (int i = 0; i < rank; i++)
        {
            long dimension = reader.Signed();
            if (dimension > int.MaxValue || dimension < Shape.Symbol(symbolCount - 1)) throw reader.Fail($"a dimension of a tensor is {dimension}");
            dimensions[i] = (int)dimension;
        }
        Shape shape = rank < 0 ? Shape.Unranked : new Shape(dimensions);
        if (shape.IsStatic && shape.Span.Length > 0) _ = Guarded("a tensor", null, shape, s => s.Count);
        return new TensorType(dataType, shape, Quantization(dataType, shape));
    }

    private Quantization? Quantization(DataType type, in Shape shape)
    {
        byte quantized = reader.Byte();
        if (quantized > 1) throw reader.Fail($"a tensor's quantization is of the unknown kind {quantized}");
        if (quantized == 0) return null;
        if (type.IsFloat() || type.IsNoNumber() || type == DataType.Bool) throw reader.Fail($"a tensor of {type} is quantized");
        int axis = reader.Byte() - 1;
        int count = Charged(reader.Count("scales", sizeof(float) + 1), 24);
        bool fits = axis < 0 ? count == 1 : shape.IsUnranked ? axis < Shape.MaxRank : axis < shape.Rank && (shape[axis] < 0 || shape[axis] == count);
        if (!fits) throw reader.Fail($"{count} scales along axis {axis} do not fit the shape {shape}");
        float[] scales = new float[count];
        for (int i = 0; i < count; i++) scales[i] = reader.Single();
        int[] zeroPoints = new int[count];
        for (int i = 0; i < count; i++)
        {
            long zeroPoint = reader.Signed();
            if (zeroPoint is < int.MinValue or > int.MaxValue) throw reader.Fail($"a zero point is {zeroPoint}");
            zeroPoints[i] = (int)zeroPoint;
        }
        return Guarded("a tensor", null, (scales, zeroPoints, axis), q => new Quantization(q.scales, q.zeroPoints, q.axis));
    }

    private string String() => strings[reader.Index("string", strings.Length)];

    private void Declare(Value value)
    {
        Charge(ValueCost);
        values.Add(value);
    }

    private int Charged(int count, int bytesEach)
    {
        Charge((long)count * bytesEach);
        return count;
    }

    private void Charge(long bytes)
    {
        budget -= bytes;
        if (budget < 0) throw reader.Fail("the graph would take far more memory than its file explains");
    }

    private readonly EdgeException Unknown(string problem) => newer
        ? new EdgeException(ErrorCode.EdgeVersion, reader.Fail(problem).Problem, "The file was written by a newer version; update EdgeRuntime.")
        : reader.Fail(problem);

    /// <summary>
    /// Runs what looks at values from the file. Operators check what a converter could get wrong; values that no converter writes
    /// may trip them elsewhere, and that too is the file's fault. The cause stays attached.
    /// </summary>
    private readonly TResult Guarded<TState, TResult>(string what, string? name, TState state, Func<TState, TResult> action)
    {
        try
        {
            return action(state);
        }
        catch (EdgeException e)
        {
            throw reader.Fail(e.Problem.StartsWith("node ", StringComparison.Ordinal) ? e.Problem : $"{Where(what, name)}: {e.Problem}", e);
        }
        catch (Exception e) when (e is FormatException or ArithmeticException or ArgumentException or IndexOutOfRangeException or InvalidOperationException or NotSupportedException)
        {
            throw reader.Fail($"{Where(what, name)}: {e.Message}", e);
        }
    }

    private static string Where(string what, string? name) => name is null ? what : $"{what} '{name}'";
}
