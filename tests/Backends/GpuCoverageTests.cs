using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Which steps of real models have kernels: lowering alone, no device.</summary>
public class GpuCoverageTests(ITestOutputHelper output)
{
    private static readonly GpuTraits Least = new() { Api = "vulkan", Device = "the least that Vulkan promises" };

    /// <summary>Detectors, all of which runs on a device.</summary>
    [Theory]
    [InlineData("blazeface-front")]
    [InlineData("blazeface-back")]
    [InlineData("ultraface_rfb_320.onnx")]
    [InlineData("yunet_n_320_320.onnx")]
    [InlineData("fastestdet_352.onnx")]
    [InlineData("nanodet_m_320.onnx")]
    [InlineData("yolox_nano_416.onnx")]
    public void Detectors_run_whole(string model) => Assert.Empty(Refused(model));

    /// <summary>Lowers every step, and lists those that are refused with their reasons.</summary>
    private List<string> Refused(string name)
    {
        using LoadedModel model = ModelLoader.Load(Locate(name), stop: TestContext.Current.CancellationToken);
        ExecutionPlan plan = Planner.Plan(model.Model.Graph);
        var refused = new List<string>();
        foreach (PlanStep step in plan.Steps)
        {
            GpuLowering lowering = GpuKernels.Lower(plan, step, Least, out _);
            if (lowering.Rejection is { } reason) refused.Add($"{step.Operator.Name} '{step.Name}' to {plan.Slots[step.Outputs[0]].Type}: {reason}");
        }
        var text = new StringBuilder($"{name}: {plan.Steps.Count - refused.Count} of {plan.Steps.Count} steps");
        foreach (string line in refused) text.Append("\n  ").Append(line);
        output.WriteLine(text.ToString());
        return refused;
    }

    private static string Locate(string name)
    {
        if (ModelZoo.Default.Find(name) is not { } known) return Repository.Data("models", name);
        string? path = ModelCache.Default.Find(known) ?? ModelZoo.Default.Shipped($"{known.Name}.edge");
        Assert.SkipWhen(path is null, $"{name} of the zoo has not been fetched");
        return path;
    }
}
