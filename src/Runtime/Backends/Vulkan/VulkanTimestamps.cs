using EdgeRuntime.Backends.Gpu;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Reads the device's clock before the first dispatch and after each.</summary>
internal sealed unsafe class VulkanTimestamps : IDisposable
{
    private readonly VulkanContext context;
    private readonly GpuProgram program;
    private readonly QueryPool pool;
    private readonly ulong[] ticks;

    public VulkanTimestamps(VulkanContext context, GpuProgram program)
    {
        this.context = context;
        this.program = program;
        ticks = new ulong[program.Dispatches.Count + 1];
        pool = context.Calls.CreateTimestamps(ticks.Length);
    }

    /// <summary>Records that all clocks are to be read anew.</summary>
    public void Reset(CommandBuffer commands) => context.Calls.Api.CmdResetQueryPool(commands, pool, 0, (uint)ticks.Length);

    /// <summary>Records a reading, when all that was recorded before is done: 0 before the first dispatch, then one more after each.</summary>
    public void Take(CommandBuffer commands, int index) =>
        context.Calls.Api.CmdWriteTimestamp(commands, PipelineStageFlags.BottomOfPipeBit, pool, (uint)index);

    /// <summary>The time that each step took, the sum of its dispatches, after a run.</summary>
    public void Read(Span<long> stepNanoseconds)
    {
        context.Calls.Read(pool, ticks);
        stepNanoseconds.Clear();
        for (int i = 0; i < program.Dispatches.Count; i++)
            if (program.Dispatches[i].Step is var step && step >= 0)
                stepNanoseconds[step] += Nanoseconds(ticks[i], ticks[i + 1], context.TimestampBits, context.Description.TimestampNanoseconds ?? 1);
    }

    /// <inheritdoc/>
    public void Dispose() => context.Calls.Destroy(pool);

    /// <summary>Time from one reading to the next, of a clock that has so many bits and begins again at 0.</summary>
    internal static long Nanoseconds(ulong from, ulong to, int bits, double period)
    {
        ulong mask = bits >= 64 ? ulong.MaxValue : (1ul << bits) - 1;
        return (long)((to - from & mask) * period);
    }
}
