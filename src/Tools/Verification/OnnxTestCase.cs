using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Verification;

/// <summary>How a test case ended.</summary>
internal enum OnnxTestStatus
{
    /// <summary>All outputs are as expected.</summary>
    Passed,

    /// <summary>An output differs, or something broke.</summary>
    Failed,

    /// <summary>The case uses what is not supported, or its files are not whole.</summary>
    Skipped,
}

/// <summary>The end of a test case, and why.</summary>
/// <param name="Name">Name of the case.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Reason">Why, where it did not pass.</param>
/// <param name="Backends">The backends that ran its steps, the preferred first, joined by a plus; null where none did.</param>
internal sealed record OnnxTestResult(string Name, OnnxTestStatus Status, string Reason, string? Backends = null);

/// <summary>
/// A folder in the form of ONNX's backend tests: model.onnx and test_data_set_*/input_*.pb, output_*.pb. Tolerances are ONNX's own.
/// </summary>
internal sealed class OnnxTestCase(string folder)
{
    private const double Relative = 1e-3, Absolute = 1e-7;

    /// <summary>The number of bfloat16 among ONNX's element types.</summary>
    private const int BFloat16 = 16;

    /// <summary>What happens to a model between import and running, and how it is run; the identity and one thread unless set.</summary>
    public Func<EdgeModel, EdgeModel> Convert { get; init; } = model => model;

    /// <summary>How to run.</summary>
    public SessionOptions Options { get; init; } = new() { Threads = 1 };

    /// <summary>After this the case counts as failed.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Name of the case: the folder's.</summary>
    public string Name => Path.GetFileName(folder);

    /// <summary>All cases below a folder, in order of their paths.</summary>
    /// <exception cref="EdgeException">The folder cannot be read.</exception>
    public static IReadOnlyList<string> Find(string root)
    {
        try
        {
            return [.. Directory.EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories).Select(f => Path.GetDirectoryName(f)!).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"The test cases in '{root}' cannot be read: {e.Message}", "Give a folder with ONNX backend tests.", e);
        }
    }

    /// <summary>Runs the case; whatever goes wrong is in the result, and it ends within <see cref="Limit"/>.</summary>
    public OnnxTestResult Run()
    {
        OnnxTestResult? result = null;
        // A definition that runs forever cannot be interrupted, so it gets a thread that may be left behind.
        var thread = new Thread(() => result = RunHere(), maxStackSize: 16 << 20) { IsBackground = true, Name = $"test case {Name}" };
        thread.Start();
        return thread.Join(Limit) ? result! : new OnnxTestResult(Name, OnnxTestStatus.Failed, $"it did not end within {Limit.TotalSeconds:0} s");
    }

    private OnnxTestResult RunHere()
    {
        try
        {
            OnnxModel source = OnnxReader.Read(Path.Combine(folder, "model.onnx"));
            using EdgeModel model = Convert(OnnxImporter.Import(source));
            string[] sets = [.. Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal)];
            if (sets.Length == 0) return new OnnxTestResult(Name, OnnxTestStatus.Skipped, "it has no test_data_set_* folder");
            using var session = new InferenceSession(model.Graph, Options);
            foreach (string set in sets)
                if (RunSet(session, source.Proto.Graph, set) is { } difference) return new OnnxTestResult(Name, OnnxTestStatus.Failed, difference);
            // A device that fails has a test fail, although the CPU finishes it.
            if (session.Events.Count > 0) return new OnnxTestResult(Name, OnnxTestStatus.Failed, session.Events[0].ToString());
            return new OnnxTestResult(Name, OnnxTestStatus.Passed, "", session.Placement is { Backends.Count: > 0 } placement ? string.Join("+", placement.Backends.Select(b => b.Name)) : null);
        }
        catch (EdgeException e)
        {
            bool unsupported = e.Code is ErrorCode.UnsupportedOnnx;
            return new OnnxTestResult(Name, unsupported ? OnnxTestStatus.Skipped : OnnxTestStatus.Failed, e.Problem);
        }
        catch (Exception e)
        {
            // One broken case must not end a run of a thousand; the reason says that it was no ordinary error.
            return new OnnxTestResult(Name, OnnxTestStatus.Failed, $"unexpected {e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>The first difference, or null when there is none.</summary>
    private static string? RunSet(InferenceSession session, GraphProto graph, string set)
    {
        Tensor[] inputs = Read(set, "input", [.. session.Graph.Inputs.Select(i => (i.Type.DataType, TypeOf(graph.Input, i.Name)))]);
        Tensor[] expected = Read(set, "output", [.. session.Graph.Outputs.Select(o => (o.Value.Type.DataType, TypeOf(graph.Output, o.Name)))]);
        for (int i = 0; i < inputs.Length; i++)
        {
            // Of some inputs only the type counts; cases feed them in another shape than their models declare.
            Value input = session.Graph.Inputs[i];
            if (input.Consumers.Count > 0 || session.Graph.IsOutput(input) || !input.Type.Shape.IsStatic || input.Type.Shape == inputs[i].Shape) continue;
            inputs[i].Dispose();
            inputs[i] = new Tensor(input.Type);
        }
        session.Run(Array.ConvertAll(inputs, t => t.View));
        string? difference = null;
        for (int i = 0; i < expected.Length && difference is null; i++)
            if (Difference(session.Output(i), expected[i].View) is { } found) difference = $"output '{session.Graph.Outputs[i].Name}': {found}";
        foreach (Tensor tensor in inputs.Concat(expected)) tensor.Dispose();
        return difference;
    }

    private static TypeProto? TypeOf(IEnumerable<ValueInfoProto> declared, string name) => declared.FirstOrDefault(d => d.Name == name)?.Type;

    private static Tensor[] Read(string set, string role, (DataType Ours, TypeProto? Declared)[] types)
    {
        var tensors = new Tensor[types.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            string path = Path.Combine(set, $"{role}_{i}.pb");
            if (!File.Exists(path)) throw new EdgeException(ErrorCode.CannotRead, $"'{Path.GetFileName(path)}' is missing.");
            try
            {
                byte[] bytes = File.ReadAllBytes(path);
                if (OnnxType.IsKept(types[i].Declared))
                {
                    tensors[i] = types[i].Declared!.SequenceType is not null ? OnnxTensors.Read(SequenceProto.Parser.ParseFrom(bytes), set) : OnnxTensors.Read(OptionalProto.Parser.ParseFrom(bytes), set);
                    continue;
                }
                TensorProto proto = TensorProto.Parser.ParseFrom(bytes);
                // NumPy has no bfloat16, so ONNX writes the bits of test data as 16-bit integers.
                if (types[i].Ours == DataType.BF16 && OnnxTensors.DataTypeOf(proto.DataType) == DataType.U16) proto.DataType = BFloat16;
                tensors[i] = OnnxTensors.Read(proto, set);
            }
            catch (InvalidProtocolBufferException e)
            {
                throw new EdgeException(ErrorCode.MalformedOnnx, $"'{Path.GetFileName(path)}' holds no tensor: {e.Message}", null, e);
            }
        }
        return tensors;
    }

    private static string? Difference(TensorView actual, TensorView expected)
    {
        if (actual.DataType == DataType.Sequence && expected.DataType == DataType.Sequence) return DifferenceOfElements(TensorSequence.Read(actual), TensorSequence.Read(expected));
        if (actual.DataType != expected.DataType || actual.Shape != expected.Shape) return $"it is {actual.Type}, expected {expected.Type}";
        if (!expected.DataType.IsFloat()) return actual.Bytes.SequenceEqual(expected.Bytes) ? null : $"the integers differ, first at byte {actual.Bytes.CommonPrefixLength(expected.Bytes)}";
        using Tensor a = Widen(actual), b = Widen(expected);
        Span<double> x = a.Span<double>(), y = b.Span<double>();
        for (int i = 0; i < x.Length; i++)
            if (!x[i].Equals(y[i]) && !(Math.Abs(x[i] - y[i]) <= Absolute + Relative * Math.Abs(y[i]))) return $"element {i} is {x[i]:R}, expected {y[i]:R}";
        return null;
    }

    private static string? DifferenceOfElements(TensorView[] actual, TensorView[] expected)
    {
        if (actual.Length != expected.Length) return $"it has {actual.Length} elements, expected {expected.Length}";
        for (int i = 0; i < actual.Length; i++)
            if (Difference(actual[i], expected[i]) is { } difference) return $"element {i}: {difference}";
        return null;
    }

    private static Tensor Widen(TensorView view)
    {
        var wide = new Tensor(new TensorType(DataType.F64, view.Shape));
        new Operators.Cast { To = DataType.F64 }.Evaluate([view], [wide.View]);
        return wide;
    }
}
