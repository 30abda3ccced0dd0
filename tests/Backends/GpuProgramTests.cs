using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Programs for devices, without a device: where operands are, where barriers stand, how submissions are cut.</summary>
public class GpuProgramTests
{
    private static readonly GpuTraits Traits = new() { Api = "vulkan", Device = "none" };

    [Fact]
    public void Operands_are_inside_their_buffers_and_apart()
    {
        foreach (GpuPrecision precision in Enum.GetValues<GpuPrecision>())
        {
            GpuProgram program = SmallNetwork.Program(Traits with { Precision = precision });
            foreach (GpuDispatch dispatch in program.Dispatches)
            {
                foreach (GpuOperand operand in dispatch.Operands)
                {
                    long size = operand.Range.Space switch { GpuSpace.Arena => program.ArenaBytes, GpuSpace.Weights => program.WeightBytes, _ => program.PortBytes };
                    Assert.True(operand.Range.Offset >= 0 && operand.Range.Offset + operand.Range.Bytes <= size, $"{dispatch.Kernel.Name}.{operand.Buffer.Name}: {operand.Range}");
                    Assert.Equal(0, operand.Range.Offset % ExecutionPlan.Alignment);
                }
                Assert.DoesNotContain(dispatch.Operands.Where(o => o.Buffer.Written), w => dispatch.Operands.Any(r => !r.Buffer.Written && r.Range.Overlaps(w.Range)));
            }
        }
    }

    [Fact]
    public void Ports_are_converted_where_floats_are_stored_in_16_bits()
    {
        Assert.DoesNotContain(SmallNetwork.Program(Traits).Dispatches, d => d.Step < 0);
        GpuProgram half = SmallNetwork.Program(Traits with { Precision = GpuPrecision.Float16Storage });
        Assert.Equal(["port_load"], half.Dispatches.TakeWhile(d => d.Step < 0).Select(d => d.Kernel.Name));
        Assert.Equal(["port_store", "port_store"], half.Dispatches.Reverse().TakeWhile(d => d.Step < 0).Select(d => d.Kernel.Name));
        Assert.All(half.Dispatches, d => Assert.True(d.Variant.HalfStorage));
    }

    [Fact]
    public void Buffers_beyond_the_device_reject_the_step()
    {
        ExecutionPlan plan = SmallNetwork.Plan();
        GpuTraits small = Traits with { MaxBufferBytes = 256 };
        Assert.Contains("more than a buffer", GpuProgram.Lower(plan, plan.Steps[0], small, out _).Rejection);
        Assert.Equal(ErrorCode.NoBackend, Assert.Throws<EdgeException>(() => GpuProgram.Build(plan, small, (_, l) => l.Candidates[0])).Code);
    }

    [Fact]
    public void Kernels_in_quarantine_reject_the_steps_that_need_them()
    {
        ExecutionPlan plan = SmallNetwork.Plan();
        var quarantine = new GpuQuarantine();
        foreach (string kernel in GpuProgram.Lower(plan, plan.Steps[0], Traits, out _).Candidates.SelectMany(c => c.Dispatches).Select(d => d.Kernel)) quarantine.Add(kernel, "computes nonsense");
        Assert.Equal("computes nonsense", GpuProgram.Lower(plan, plan.Steps[0], Traits, out _, quarantine).Rejection);
    }

    [Fact]
    public void Texels_are_read_where_the_device_has_as_many()
    {
        Assert.All(SmallNetwork.Program(Traits).Dispatches, d => Assert.True(d.Variant.Texels));
        Assert.All(SmallNetwork.Program(Traits with { MaxTexelElements = 4 }).Dispatches, d => Assert.False(d.Variant.Texels));
    }

    [Theory]
    [InlineData("w0 r0", "01")] // Read after write.
    [InlineData("w0 w0", "01")] // Write after write.
    [InlineData("r0 w0", "01")] // Write after read.
    [InlineData("r0 r0", "00")]
    [InlineData("w0 w1 r0w2 r1w3", "0010")] // One barrier serves both branches.
    [InlineData("w0 r0w1 r0w2 r1r2w0", "0101")]
    [InlineData("w0 r1 w2 r2 r0", "00010")] // What lies before a barrier needs no other.
    public void Barriers_stand_where_data_flows(string dispatches, string expected)
    {
        GpuDispatch[] list = [.. dispatches.Split(' ').Select(Parse)];
        Assert.Equal(expected, string.Concat(GpuBarriers.Before(list).Select(b => b ? '1' : '0')));
    }

    [Fact]
    public void Barriers_heed_parts_that_overlap()
    {
        GpuDispatch write = Of(new GpuRange(GpuSpace.Arena, 0, 512), true);
        Assert.Equal([false, true], GpuBarriers.Before([write, Of(new GpuRange(GpuSpace.Arena, 256, 16), false)]));
        Assert.Equal([false, false], GpuBarriers.Before([write, Of(new GpuRange(GpuSpace.Arena, 512, 16), false)]));
        Assert.Equal([false, false], GpuBarriers.Before([write, Of(new GpuRange(GpuSpace.Ports, 256, 16), false)]));
    }

    [Fact]
    public void Each_barrier_is_needed_and_none_is_missing()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            GpuDispatch[] list = [.. Enumerable.Range(0, 12).Select(_ => Parse(string.Concat(Enumerable.Range(0, 3).Select(_ => $"{"rw"[random.Next(2)]}{random.Next(6)}"))))];
            bool[] barriers = GpuBarriers.Before(list);
            int last = 0;
            for (int i = 0; i < list.Length; i++)
            {
                bool conflict = list[last..i].Any(before => Conflict(before, list[i]));
                Assert.Equal(conflict, barriers[i]);
                if (conflict) last = i;
            }
        }
    }

    [Fact]
    public void Submissions_are_cut_by_work_then_by_time()
    {
        Assert.Equal([SmallNetwork.Program(Traits).Dispatches.Count], GpuCuts.Estimate(SmallNetwork.Program(Traits)));
        GpuProgram large = SmallNetwork.Program(Traits with { MaxTexelElements = 1 << 24, MaxBufferBytes = 1 << 30 }, size: 60);
        int[] cuts = GpuCuts.Estimate(large);
        Assert.True(cuts.Length > 1);
        Assert.Equal(large.Dispatches.Count, cuts[^1]);

        const long ms = 1_000_000;
        Assert.Equal([10], GpuCuts.Measured([2, 5, 10], [30 * ms, 30 * ms, 30 * ms]));
        Assert.Equal([5, 10], GpuCuts.Measured([2, 5, 10], [50 * ms, 50 * ms, 30 * ms]));
        Assert.Equal([2, 6, 10], GpuCuts.Measured([2, 10], [90 * ms, 180 * ms]));
        Assert.Equal([1, 2], GpuCuts.Measured([1, 2], [900 * ms, 1 * ms]));
        Assert.Equal([0], GpuCuts.Measured([0], [0]));
    }

    private static bool Conflict(GpuDispatch a, GpuDispatch b) =>
        a.Operands.Any(x => b.Operands.Any(y => (x.Buffer.Written || y.Buffer.Written) && x.Range.Overlaps(y.Range)));

    /// <summary>A dispatch that reads and writes numbered ranges: r0w1.</summary>
    private static GpuDispatch Parse(string text) =>
        Of([.. Enumerable.Range(0, text.Length / 2).Select(i => (new GpuRange(GpuSpace.Arena, (text[2 * i + 1] - '0') * 256, 256), text[2 * i] == 'w'))]);

    private static GpuDispatch Of(GpuRange range, bool written) => Of((range, written));

    private static GpuDispatch Of(params (GpuRange Range, bool Written)[] operands)
    {
        var kernel = new KernelInfo("none", [], [], [], false);
        return new GpuDispatch(0, new Dispatch("none", [], new Grid(1), new Grid(1)), kernel, new KernelVariant(false, false, true),
            [.. operands.Select(o => new GpuOperand(o.Range, new KernelBuffer("x", KernelElement.Float, o.Written)))]);
    }
}
