using System.Text;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>
/// The functions that make and release objects, or can fail: checked, counted and, in tests, made to fail, in this one place. Releasing a null
/// object does nothing.
/// </summary>
internal sealed unsafe class OpenClCalls(CL cl, nint device, OpenClLedger ledger, string name) : IDisposable
{
    private const int LongestText = 1 << 20;

    private readonly Lock deferring = new();
    private readonly List<(Action<nint> Release, nint What)> deferred = [];
    private readonly List<nint> awaited = [];
    private nint context;
    private volatile bool abandoned;

    /// <summary>The device.</summary>
    public nint Device => device;

    /// <summary>Its name, for messages.</summary>
    public string Name => name;

    /// <summary>Whether the device was given up and did not finish since: what it may still use is left as it is.</summary>
    public bool Abandoned => abandoned;

    /// <summary>Releases nothing from now on, until the device has finished: one that hangs may still use what would be released.</summary>
    /// <param name="done">The event that does not happen; it belongs to this object then.</param>
    public void Abandon(nint done)
    {
        lock (deferring)
        {
            awaited.Add(done);
            abandoned = true;
        }
    }

    /// <summary>Releases what was to be released meanwhile, where a device that was given up has finished; false where it has not.</summary>
    public bool Finish()
    {
        (Action<nint> Release, nint What)[] left;
        lock (deferring)
        {
            if (!abandoned) return true;
            if (!awaited.TrueForAll(Settled)) return false;
            left = [.. deferred, .. awaited.Select(done => ((Action<nint>)ReleaseEvent, done))];
            deferred.Clear();
            awaited.Clear();
            abandoned = false;
        }
        foreach ((Action<nint> release, nint what) in left) release(what);
        return true;
    }

    /// <summary>Has something released when a device that was given up has finished; false where none was, and it is to be released now.</summary>
    public bool Defer(Action<nint> release, nint what)
    {
        lock (deferring)
        {
            if (!abandoned) return false;
            deferred.Add((release, what));
            return true;
        }
    }

    /// <summary>Opens the device; to be called once, before anything else.</summary>
    public void Open()
    {
        nint asked = device;
        int error = 0;
        nint made = 0;
        ErrorCodes result = Fault("clCreateContext") ?? Result(made = cl.CreateContext(null, 1, &asked, null, null, &error), error);
        context = Made(made, result, "clCreateContext");
    }

    /// <summary>A queue that executes in order.</summary>
    public nint CreateQueue(bool profile)
    {
        int error = 0;
        nint made = 0;
        ErrorCodes result = Fault("clCreateCommandQueue") ?? Result(made = cl.CreateCommandQueue(context, device, profile ? CommandQueueProperties.ProfilingEnable : 0, &error), error);
        return Made(made, result, "clCreateCommandQueue");
    }

    /// <summary>A buffer.</summary>
    public nint CreateBuffer(MemFlags flags, long bytes, void* host)
    {
        int error = 0;
        nint made = 0;
        ErrorCodes result = Fault("clCreateBuffer") ?? Result(made = cl.CreateBuffer(context, flags, (nuint)bytes, host, &error), error);
        return Made(made, result, "clCreateBuffer");
    }

    /// <summary>A program that is still to be built.</summary>
    public nint CreateProgram(string source)
    {
        byte[] text = Encoding.UTF8.GetBytes(source);
        int error = 0;
        nint made = 0;
        fixed (byte* first = text)
        {
            byte* start = first;
            var length = (nuint)text.Length;
            ErrorCodes result = Fault("clCreateProgramWithSource") ?? Result(made = cl.CreateProgramWithSource(context, 1, &start, &length, &error), error);
            return Made(made, result, "clCreateProgramWithSource");
        }
    }

    /// <summary>A program of what the driver compiled before; 0 where it does not take it.</summary>
    public nint CreateProgram(ReadOnlySpan<byte> binary)
    {
        int error = 0, status = 0;
        nint made = 0, asked = device;
        fixed (byte* first = binary)
        {
            byte* start = first;
            var length = (nuint)binary.Length;
            if (Fault("clCreateProgramWithBinary") is not null) return 0;
            made = cl.CreateProgramWithBinary(context, 1, &asked, &length, &start, &status, &error);
        }
        if (made == 0) return 0;
        ledger.Made("clCreateProgram");
        if (error == 0 && status == 0) return made;
        ReleaseProgram(made);
        return 0;
    }

    /// <summary>Builds a program; what came of it, with the compiler's log.</summary>
    public ErrorCodes Build(nint program, string options, out string log)
    {
        nint asked = device;
        byte[] text = Encoding.UTF8.GetBytes(options + "\0");
        fixed (byte* first = text)
        {
            ErrorCodes result = Fault("clBuildProgram") ?? (ErrorCodes)cl.BuildProgram(program, 1, &asked, first, null, null);
            log = result == ErrorCodes.Success ? "" : Log(program);
            return result;
        }
    }

    /// <summary>What the driver compiled; nothing when it does not say, or that is more than <paramref name="most"/> bytes.</summary>
    public byte[] Binary(nint program, int most)
    {
        nuint bytes = 0;
        if (Fault("clGetProgramInfo") is not null || cl.GetProgramInfo(program, ProgramInfo.BinarySizes, (nuint)sizeof(nuint), &bytes, null) != 0 || bytes == 0 || bytes > (nuint)most) return [];
        byte[] binary = new byte[bytes];
        fixed (byte* first = binary)
        {
            byte* start = first;
            return cl.GetProgramInfo(program, ProgramInfo.Binaries, (nuint)sizeof(byte*), &start, null) == 0 ? binary : [];
        }
    }

    /// <summary>A kernel of a built program.</summary>
    public nint CreateKernel(nint program, string function)
    {
        int error = 0;
        nint made = 0;
        fixed (byte* first = Encoding.UTF8.GetBytes(function + "\0"))
        {
            ErrorCodes result = Fault("clCreateKernel") ?? Result(made = cl.CreateKernel(program, first, &error), error);
            return Made(made, result, "clCreateKernel");
        }
    }

    /// <summary>Invocations that a workgroup of a kernel may have.</summary>
    public long GroupInvocations(nint kernel)
    {
        nuint most = 0;
        Check(Fault("clGetKernelWorkGroupInfo") ?? (ErrorCodes)cl.GetKernelWorkGroupInfo(kernel, device, KernelWorkGroupInfo.WorkGroupSize, (nuint)sizeof(nuint), &most, null), "clGetKernelWorkGroupInfo");
        return (long)most;
    }

    /// <summary>Sets an argument, for all executions that follow.</summary>
    public void SetArgument(nint kernel, int index, int bytes, void* value) =>
        Check(Fault("clSetKernelArg") ?? (ErrorCodes)cl.SetKernelArg(kernel, (uint)index, (nuint)bytes, value), "clSetKernelArg");

    /// <summary>Executes a kernel.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="sizes">Invocations along three axes, then those of a workgroup.</param>
    /// <param name="done">Where its event is put; null for none.</param>
    public void Enqueue(nint queue, nint kernel, nuint* sizes, nint* done)
    {
        Check(Fault("clEnqueueNDRangeKernel") ?? (ErrorCodes)cl.EnqueueNdrangeKernel(queue, kernel, 3, null, sizes, sizes + 3, 0, null, done), "clEnqueueNDRangeKernel");
        if (done != null) ledger.Made("event");
    }

    /// <summary>Writes bytes of a buffer, later.</summary>
    public void Write(nint queue, nint buffer, long offset, long bytes, void* from) =>
        Check(Fault("clEnqueueWriteBuffer") ?? (ErrorCodes)cl.EnqueueWriteBuffer(queue, buffer, false, (nuint)offset, (nuint)bytes, from, 0, null, null), "clEnqueueWriteBuffer");

    /// <summary>Reads bytes of a buffer, later.</summary>
    public void Read(nint queue, nint buffer, long offset, long bytes, void* to) =>
        Check(Fault("clEnqueueReadBuffer") ?? (ErrorCodes)cl.EnqueueReadBuffer(queue, buffer, false, (nuint)offset, (nuint)bytes, to, 0, null, null), "clEnqueueReadBuffer");

    /// <summary>Writes zeros to the first bytes of a buffer, a multiple of four, later.</summary>
    public void Clear(nint queue, nint buffer, long bytes)
    {
        int zero = 0;
        Check(Fault("clEnqueueFillBuffer") ?? (ErrorCodes)cl.EnqueueFillBuffer(queue, buffer, &zero, sizeof(int), 0, (nuint)bytes, 0, null, null), "clEnqueueFillBuffer");
    }

    /// <summary>Lets the host use bytes of a buffer, as soon as an event says so.</summary>
    public void* Map(nint queue, nint buffer, MapFlags flags, long offset, long bytes, out nint done)
    {
        int error = 0;
        nint made = 0;
        void* mapped = null;
        ErrorCodes result = Fault("clEnqueueMapBuffer") ?? Result((nint)(mapped = cl.EnqueueMapBuffer(queue, buffer, false, flags, (nuint)offset, (nuint)bytes, 0, null, &made, &error)), error);
        Check(result, "clEnqueueMapBuffer");
        ledger.Made("event");
        done = made;
        return mapped;
    }

    /// <summary>Gives what was mapped back to the device.</summary>
    public void Unmap(nint queue, nint buffer, void* mapped) =>
        Check(Fault("clEnqueueUnmapMemObject") ?? (ErrorCodes)cl.EnqueueUnmapMemObject(queue, buffer, mapped, 0, null, null), "clEnqueueUnmapMemObject");

    /// <summary>An event for the end of all that was put into a queue so far.</summary>
    public nint Mark(nint queue)
    {
        nint done = 0;
        Check(Fault("clEnqueueMarkerWithWaitList") ?? (ErrorCodes)cl.EnqueueMarkerWithWaitList(queue, 0, null, &done), "clEnqueueMarkerWithWaitList");
        ledger.Made("event");
        return done;
    }

    /// <summary>As <see cref="Mark"/>, of a device that may have failed; 0 where its queue takes nothing any more.</summary>
    public nint MarkAgain(nint queue)
    {
        nint done = 0;
        if (cl.EnqueueMarkerWithWaitList(queue, 0, null, &done) != 0) return 0;
        ledger.Made("event");
        _ = cl.Flush(queue);
        return done;
    }

    /// <summary>Lets a device begin with what is in a queue.</summary>
    public void Flush(nint queue) => Check(Fault("clFlush") ?? (ErrorCodes)cl.Flush(queue), "clFlush");

    /// <summary>Whether an event has happened.</summary>
    public bool Happened(nint done)
    {
        int status = 0;
        Check(Fault("clGetEventInfo") ?? (ErrorCodes)cl.GetEventInfo(done, EventInfo.CommandExecutionStatus, sizeof(int), &status, null), "clGetEventInfo");
        // What went wrong while it was executed.
        if (status < 0) Check((ErrorCodes)status, "the execution");
        return status == 0;
    }

    /// <summary>As <see cref="Happened"/>, of a device that may have failed: one that says nothing does nothing any more.</summary>
    public bool Settled(nint done)
    {
        int status = 0;
        return cl.GetEventInfo(done, EventInfo.CommandExecutionStatus, sizeof(int), &status, null) != 0 || status <= 0;
    }

    /// <summary>Has a function called when an event happens; without it, its state must be asked for.</summary>
    public void Tell(nint done, EventNotifyCallback told, nint what) => cl.SetEventCallback(done, 0, told, (void*)what);

    /// <summary>When what an event is of began, in nanoseconds of the device's clock.</summary>
    public ulong Began(nint done) => Time(done, ProfilingInfo.CommandStart);

    /// <summary>When it ended.</summary>
    public ulong Ended(nint done) => Time(done, ProfilingInfo.CommandEnd);

    public void ReleaseQueue(nint queue)
    {
        if (queue == 0 || abandoned && Defer(ReleaseQueue, queue)) return;
        _ = cl.ReleaseCommandQueue(queue);
        ledger.Gone("clCreateCommandQueue");
    }

    public void ReleaseBuffer(nint buffer)
    {
        if (buffer == 0 || abandoned && Defer(ReleaseBuffer, buffer)) return;
        _ = cl.ReleaseMemObject(buffer);
        ledger.Gone("clCreateBuffer");
    }

    public void ReleaseProgram(nint program)
    {
        if (program == 0 || abandoned && Defer(ReleaseProgram, program)) return;
        _ = cl.ReleaseProgram(program);
        ledger.Gone("clCreateProgram");
    }

    public void ReleaseKernel(nint kernel)
    {
        if (kernel == 0 || abandoned && Defer(ReleaseKernel, kernel)) return;
        _ = cl.ReleaseKernel(kernel);
        ledger.Gone("clCreateKernel");
    }

    public void ReleaseEvent(nint done)
    {
        if (done == 0 || abandoned && Defer(ReleaseEvent, done)) return;
        _ = cl.ReleaseEvent(done);
        ledger.Gone("event");
    }

    /// <summary>Closes the device; everything made of it must be gone.</summary>
    public void Dispose()
    {
        if (context == 0 || abandoned) return;
        _ = cl.ReleaseContext(context);
        context = 0;
        ledger.Gone("clCreateContext");
    }

    /// <summary>The result of a function that returns what it made.</summary>
    private static ErrorCodes Result(nint made, int error) => error == 0 && made == 0 ? ErrorCodes.OutOfResources : (ErrorCodes)error;

    private string Log(nint program)
    {
        nuint length = 0;
        if (cl.GetProgramBuildInfo(program, device, ProgramBuildInfo.BuildLog, 0, null, &length) != 0 || length is 0 or > LongestText) return "";
        byte[] log = new byte[length];
        fixed (byte* first = log)
            return cl.GetProgramBuildInfo(program, device, ProgramBuildInfo.BuildLog, length, first, null) == 0 ? Encoding.UTF8.GetString(log).TrimEnd('\0') : "";
    }

    private ulong Time(nint done, ProfilingInfo what)
    {
        ulong time = 0;
        Check(Fault("clGetEventProfilingInfo") ?? (ErrorCodes)cl.GetEventProfilingInfo(done, what, sizeof(ulong), &time, null), "clGetEventProfilingInfo");
        return time;
    }

    private ErrorCodes? Fault(string call) => ledger.Fault?.Invoke(call);

    private nint Made(nint made, ErrorCodes result, string call)
    {
        Check(result, call);
        ledger.Made(call == "clCreateProgramWithSource" ? "clCreateProgram" : call);
        return made;
    }

    private void Check(ErrorCodes result, string call) => OpenClErrors.Check(result, call, name);
}
