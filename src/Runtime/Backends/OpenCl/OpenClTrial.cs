using System.Diagnostics;
using EdgeRuntime.Backends.Gpu;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>A step executed alone, many times in a row, to measure how long it takes.</summary>
internal sealed unsafe class OpenClTrial : IGpuTrial
{
    private readonly OpenClContext context;
    private readonly OpenClQueue? queue;
    private readonly OpenClBuffer? arena, weights, ports;
    private readonly OpenClKernels? kernels;
    private readonly int first, end;

    /// <summary>Prepares the one step of a program: its inputs are zeros, its weights what they are.</summary>
    public OpenClTrial(OpenClContext context, OpenClPrograms programs, GpuProgram program)
    {
        this.context = context;
        first = program.Dispatches.TakeWhile(d => d.Step < 0).Count();
        end = first + program.Dispatches.Count(d => d.Step >= 0);
        try
        {
            queue = new OpenClQueue(context, context.Traits.Timestamps);
            arena = new OpenClBuffer(context.Calls, OpenClBuffer.Room(program.ArenaBytes), MemFlags.ReadWrite);
            weights = new OpenClBuffer(context.Calls, OpenClBuffer.Room(program.WeightBytes), MemFlags.ReadOnly);
            ports = new OpenClBuffer(context.Calls, OpenClBuffer.Room(program.PortBytes), MemFlags.ReadWrite);
            kernels = new OpenClKernels(context, programs, program.Dispatches, [arena.Handle, weights.Handle, ports.Handle]);
            context.Calls.Clear(queue.Handle, ports.Handle, ports.Bytes);
            OpenClUploader.Fill(context, queue, program, arena, weights);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long Measure(int repetitions)
    {
        nint begin = 0, last = 0;
        OpenClCalls calls = context.Calls;
        long start = Stopwatch.GetTimestamp();
        try
        {
            queue!.Begin();
            if (context.Traits.Timestamps) begin = calls.Mark(queue.Handle);
            for (int i = 0; i < repetitions; i++) kernels!.Enqueue(queue.Handle, first, end, []);
            if (context.Traits.Timestamps) last = calls.Mark(queue.Handle);
            queue.Finish();
            long nanoseconds = (long)(Stopwatch.GetElapsedTime(start).TotalMicroseconds * 1000);
            if (last != 0 && calls.Ended(last) - calls.Ended(begin) is var ticks and > 0 and < long.MaxValue) nanoseconds = (long)ticks;
            return Math.Max(nanoseconds / repetitions, 1);
        }
        finally
        {
            // What is released later must not be in use.
            queue!.Settle();
            calls.ReleaseEvent(begin);
            calls.ReleaseEvent(last);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        queue?.Settle();
        kernels?.Dispose();
        ports?.Dispose();
        weights?.Dispose();
        arena?.Dispose();
        queue?.Dispose();
    }
}
