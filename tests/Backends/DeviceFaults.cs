using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Sessions;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Calls of a device that fail, and frames that must come out right all the same.</summary>
internal static class DeviceFaults
{
    /// <summary>What an action gives when a call fails at its n-th time, or from then on; null when it was not called so often.</summary>
    public static IReadOnlyList<BackendEvent>? Inject<TResult>(GpuLedger<TResult> ledger, string call, TResult result, int n, bool forever, Func<IReadOnlyList<BackendEvent>> action) where TResult : struct
    {
        int count = 0;
        ledger.Fault = name => name == call && (++count == n || forever && count > n) ? result : null;
        try
        {
            IReadOnlyList<BackendEvent> events = action();
            return count >= n ? events : null;
        }
        finally
        {
            ledger.Fault = null;
        }
    }

    /// <summary>Whether one event was told, and with this code.</summary>
    public static bool Told(IReadOnlyList<BackendEvent> events, ErrorCode code)
    {
        Assert.Equal(code, Assert.Single(events).Code);
        return true;
    }

    /// <summary>Runs some frames of a small model, which must come out right whatever happens.</summary>
    public static IReadOnlyList<BackendEvent> Frames(IBackend backend)
    {
        using var session = new InferenceSession(Graph(), new SessionOptions { Accelerator = backend, Threads = 1 });
        var random = new Random(11);
        for (int i = 0; i < 4; i++)
        {
            using Tensor x = SectionTests.Filled(session.Input(0).Type, random);
            session.Run([x.View]);
            float[] actual = session.Output(0).Span<float>().ToArray();
            for (int e = 0; e < actual.Length; e++) Assert.Equal(-Math.Abs(x.Span<float>()[e]), actual[e]);
        }
        return [.. session.Events];
    }

    /// <summary>-|x|, in steps whose results are exact on every device.</summary>
    public static Graph Graph()
    {
        var builder = new GraphBuilder("negative");
        Value x = builder.Input("x", new TensorType(DataType.F32, 3, 67));
        x = builder.Add1("abs", new Unary { Function = UnaryFunction.Abs }, x);
        builder.Output("y", builder.Add1("neg", new Unary { Function = UnaryFunction.Neg }, x));
        return builder.Build();
    }
}
