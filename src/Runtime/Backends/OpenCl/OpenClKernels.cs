using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>The dispatches of a program as kernels whose arguments are set once, ready to be put into a queue.</summary>
internal sealed unsafe class OpenClKernels : IDisposable
{
    private const int Axes = 3;

    private readonly OpenClCalls calls;
    private readonly nint[] kernels;
    private readonly nuint[] sizes;

    /// <summary>Makes the kernels.</summary>
    /// <param name="context">The device.</param>
    /// <param name="programs">Its programs.</param>
    /// <param name="dispatches">The dispatches.</param>
    /// <param name="buffers">The buffers, by <see cref="GpuSpace"/>.</param>
    /// <exception cref="EdgeException">The driver refuses a kernel.</exception>
    public OpenClKernels(OpenClContext context, OpenClPrograms programs, IReadOnlyList<GpuDispatch> dispatches, nint[] buffers)
    {
        calls = context.Calls;
        kernels = new nint[dispatches.Count];
        sizes = new nuint[dispatches.Count * 2 * Axes];
        if (kernels.Length == 0) return;
        (nint Program, string Function)[] places = programs.Get(dispatches);
        try
        {
            for (int i = 0; i < kernels.Length; i++) Prepare(programs, places[i], dispatches[i], i, buffers);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Puts the dispatches from <paramref name="first"/> up to but not including <paramref name="end"/> into a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="first">The first.</param>
    /// <param name="end">After the last.</param>
    /// <param name="events">Where the event of each is put, by its number; empty for none.</param>
    public void Enqueue(nint queue, int first, int end, Span<nint> events)
    {
        fixed (nuint* size = sizes)
        fixed (nint* done = events)
            for (int i = first; i < end; i++) calls.Enqueue(queue, kernels[i], size + i * 2 * Axes, done == null ? null : done + i);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ref nint kernel in kernels.AsSpan())
        {
            calls.ReleaseKernel(kernel);
            kernel = 0;
        }
    }

    private void Prepare(OpenClPrograms programs, (nint Program, string Function) place, GpuDispatch dispatch, int index, nint[] buffers)
    {
        Grid groups = dispatch.Dispatch.Groups, group = dispatch.Dispatch.GroupSize;
        Span<nuint> size = sizes.AsSpan(index * 2 * Axes, 2 * Axes);
        (size[0], size[1], size[2]) = ((nuint)groups.X * (nuint)group.X, (nuint)groups.Y * (nuint)group.Y, (nuint)groups.Z * (nuint)group.Z);
        (size[3], size[4], size[5]) = ((nuint)group.X, (nuint)group.Y, (nuint)group.Z);
        try
        {
            nint kernel = kernels[index] = calls.CreateKernel(place.Program, place.Function);
            // What a kernel needs of registers is known only now.
            if (calls.GroupInvocations(kernel) is var most && most < group.Count)
                throw OpenClErrors.Refused($"{calls.Name}: a workgroup may have {most} invocations, not {group.Count}", "");
            for (int i = 0; i < dispatch.Operands.Length; i++)
            {
                nint buffer = buffers[(int)dispatch.Operands[i].Range.Space];
                calls.SetArgument(kernel, i, sizeof(nint), &buffer);
            }
            byte[] given = OpenClSource.GivenTo(dispatch);
            fixed (byte* values = given)
                if (given.Length > 0) calls.SetArgument(kernel, dispatch.Operands.Length, given.Length, values);
        }
        catch (EdgeException e) when (e.Code == ErrorCode.PipelineRefused)
        {
            throw programs.Refuse(dispatch, e);
        }
    }
}
