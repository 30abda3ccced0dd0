using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Choosing kernels by measuring, and what is kept of it on the disk.</summary>
public class VulkanTunerTests
{
    [Theory]
    [InlineData(VulkanDrivers.Lavapipe), InlineData(VulkanDrivers.SwiftShader)]
    public void The_next_start_measures_nothing_and_chooses_the_same(string driver)
    {
        using var folder = new TemporaryFolder();
        ExecutionPlan plan = Plan();
        string[] chosen;
        using (VulkanBackend first = Open(driver, folder))
        {
            using ICompiledPlan compiled = first.Compile(plan, TestContext.Current.CancellationToken);
            // Four steps, two of which are the same to the device.
            Assert.Equal((3, 0), (first.Tuner.Measured, first.Tuner.Guessed));
            chosen = [.. compiled.Kernels];
            Assert.Empty(first.Messages);
        }
        using VulkanBackend second = Open(driver, folder);
        using ICompiledPlan again = second.Compile(plan, TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (second.Tuner.Measured, second.Tuner.Guessed));
        Assert.Equal(chosen, again.Kernels);
    }

    [Fact]
    public void Nothing_of_the_measuring_stays_alive()
    {
        var ledger = new VulkanLedger();
        using (VulkanBackend backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), Ledger = ledger, SelfTest = false }))
        {
            int before = ledger.Live;
            backend.Tuner.Tune(Plan(), TestContext.Current.CancellationToken);
            Assert.Equal(3, backend.Tuner.Measured);
            Assert.True(ledger.Live == before, ledger.Description);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Fact]
    public void Without_time_the_likely_best_is_taken_and_with_tuning_off_nothing_is_kept()
    {
        using var folder = new TemporaryFolder();
        using (var hurried = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), TuningBudget = TimeSpan.Zero, SelfTest = false }))
        {
            using ICompiledPlan compiled = hurried.Compile(Plan(), TestContext.Current.CancellationToken);
            Assert.Equal((0, 3), (hurried.Tuner.Measured, hurried.Tuner.Guessed));
        }
        using var off = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), Tuning = GpuTuning.First, SelfTest = false, CacheFolder = folder.Path });
        using ICompiledPlan first = off.Compile(Plan(), TestContext.Current.CancellationToken);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.measured"));
    }

    [Fact]
    public void A_damaged_file_counts_as_absent_and_is_replaced()
    {
        using var folder = new TemporaryFolder();
        ExecutionPlan plan = Plan();
        using (VulkanBackend first = Open(VulkanDrivers.Lavapipe, folder)) first.Compile(plan, TestContext.Current.CancellationToken).Dispose();
        string path = Assert.Single(Directory.GetFiles(folder.Path, "*.measured"));
        byte[] good = File.ReadAllBytes(path);
        var damaged = new List<byte[]> { Array.Empty<byte>(), new byte[100], good[..^1], good[..(good.Length / 2)], good.Concat(good).ToArray(), Forged(good, "choice\t", "chosen\t"), Forged(good, "unary_", "other_"), Forged(good, "\t0\t", "\t2147483647\t") };
        byte[] flipped = [.. good];
        flipped[good.Length / 2] ^= 1;
        damaged.Add(flipped);
        foreach (byte[] file in damaged)
        {
            File.WriteAllBytes(path, file);
            using VulkanBackend backend = Open(VulkanDrivers.Lavapipe, folder, TimeSpan.Zero);
            using ICompiledPlan compiled = backend.Compile(plan, TestContext.Current.CancellationToken);
            compiled.Run();
        }
        using VulkanBackend last = Open(VulkanDrivers.Lavapipe, folder, TimeSpan.Zero);
        last.Compile(plan, TestContext.Current.CancellationToken).Dispose();
        Assert.Equal((0, 0), (last.Tuner.Measured, last.Tuner.Guessed));
    }

    [Fact]
    public void A_signature_says_what_the_device_does_not_what_the_model_calls_it()
    {
        string small = Signature(12), same = Signature(12, "another"), large = Signature(13);
        Assert.Equal(small, same);
        Assert.NotEqual(small, large);
        Assert.NotEqual(small, Signature(12, function: UnaryFunction.Neg));

        static string Signature(int rows, string name = "model", UnaryFunction function = UnaryFunction.Abs)
        {
            var builder = new GraphBuilder(name);
            Value x = builder.Input(name + "x", new TensorType(DataType.F32, rows, 67));
            if (name != "model") x = builder.Add1("before", new Unary { Function = UnaryFunction.Exp }, x);
            builder.Output("y", builder.Add1(name + "step", new Unary { Function = function }, x));
            ExecutionPlan plan = Planner.Plan(builder.Build());
            GpuLowering lowering = GpuProgram.Lower(plan, plan.Steps[^1], new GpuTraits { Api = "vulkan", Device = "none" }, out GpuStep step);
            return GpuSignature.Of(plan, step, lowering);
        }
    }

    [Fact]
    public void Lines_that_make_no_sense_are_left_out()
    {
        string signature = new('a', 64);
        var records = GpuRecords.Parse([$"choice\t{signature}\t2\t100\tname", "choice\tshort\t2\t100\tname", $"choice\t{signature[1..]}b\t-1\t100\tname", "test\tway\tkernel\tf32.tex\tfailed\t0.5\twhy",
            "test\tway\tkernel\tf32.buf\tperhaps\t0.5\twhy", "test\tway", "", "\t\t\t\t\t\t\t\t\t", $"choice\t{signature[2..]}bb\t1\t100\t{new string('n', 10_000)}"]);
        Assert.Equal(new GpuChoice(2, "name", 100), records.Choice(signature));
        Assert.Equal(new GpuTestResult(new("way", "kernel", "f32.tex"), false, 0.5, "why"), Assert.Single(records.Tests));
        Assert.Equal(2, records.Lines().Count);
        Assert.Equal(records.Lines(), GpuRecords.Parse(records.Lines()).Lines());
    }

    private static VulkanBackend Open(string driver, TemporaryFolder folder, TimeSpan? budget = null) => VulkanBackend.Open(new VulkanOptions
    {
        Device = VulkanDrivers.Index(driver), CacheFolder = folder.Path, Validation = true, SelfTest = false, TuningBudget = budget ?? TimeSpan.FromMinutes(10),
    });

    /// <summary>Another content with a checksum that fits.</summary>
    private static byte[] Forged(byte[] good, string from, string to)
    {
        string text = Encoding.UTF8.GetString(good)[..^9].Replace(from, to, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes($"{text}{Crc32C.Of(Encoding.UTF8.GetBytes(text)):x8}\n");
    }

    private static ExecutionPlan Plan()
    {
        var builder = new GraphBuilder("tuned");
        Value x = builder.Input("x", new TensorType(DataType.F32, 33, 67));
        x = builder.Add1("abs", new Unary { Function = UnaryFunction.Abs }, x);
        x = builder.Add1("neg", new Unary { Function = UnaryFunction.Neg }, x);
        x = builder.Add1("abs again", new Unary { Function = UnaryFunction.Abs }, x);
        builder.Output("y", x);
        builder.Output("small", builder.Add1("neg less", new Unary { Function = UnaryFunction.Neg }, builder.Input("z", new TensorType(DataType.F32, 16, 67))));
        return Planner.Plan(builder.Build());
    }
}
