using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Sessions;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>State that goes from step to step.</summary>
public class StateLoopTests
{
    /// <summary>The last values are returned as they came, each in the place of the one before: their memory is that of inputs.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_model_may_remember_several_steps(bool onDevice)
    {
        var builder = new GraphBuilder("delay");
        var type = new TensorType(DataType.F32, 4);
        Value x = builder.Input("x", type), newest = builder.Input("newest", type), middle = builder.Input("middle", type), oldest = builder.Input("oldest", type);
        builder.Output("sum", builder.Add1("add", new Binary(), x, oldest));
        builder.Output("to newest", x);
        builder.Output("to middle", newest);
        builder.Output("to oldest", middle);
        var metadata = new ModelMetadata { Name = "delay", State = new Dictionary<string, string> { ["newest"] = "to newest", ["middle"] = "to middle", ["oldest"] = "to oldest" } };
        using var fake = new FakeBackend();
        using var session = new InferenceSession(builder.Build(), new SessionOptions { Threads = 1, Accelerators = onDevice ? [fake] : [] });
        var loop = new StateLoop(metadata, session);
        for (int i = 1; i <= 10; i++)
        {
            session.Input(0).Span<float>().Fill(i);
            session.Run();
            Assert.Equal(i + Math.Max(0, i - 3), session.Output(0).Span<float>()[2]);
            loop.Advance();
        }
    }
}
