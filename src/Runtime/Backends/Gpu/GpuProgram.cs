using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// A plan lowered for a device: dispatches with the places of their operands, and what must be uploaded first. Pure data, made without
/// a device. Memory is three buffers, see <see cref="GpuSpace"/>; every operand begins at a multiple of <see cref="ExecutionPlan.Alignment"/>.
/// </summary>
internal sealed class GpuProgram
{
    private readonly ExecutionPlan plan;
    private readonly GpuTraits traits;
    private readonly List<GpuDispatch> dispatches = [];
    private readonly List<GpuUpload> uploads = [];
    private readonly Dictionary<int, long> constants = [], ports = [];
    private readonly string[] kernels;

    private GpuProgram(ExecutionPlan plan, GpuTraits traits)
    {
        this.plan = plan;
        this.traits = traits;
        ArenaBytes = plan.ArenaBytes;
        kernels = new string[plan.Steps.Count];
    }

    /// <summary>The plan.</summary>
    public ExecutionPlan Plan => plan;

    /// <summary>What is executed, in order.</summary>
    public IReadOnlyList<GpuDispatch> Dispatches => dispatches;

    /// <summary>What fills the weights.</summary>
    public IReadOnlyList<GpuUpload> Uploads => uploads;

    /// <summary>Name of the candidate that was chosen for each step.</summary>
    public IReadOnlyList<string> Kernels => kernels;

    /// <summary>Bytes of <see cref="GpuSpace.Arena"/>.</summary>
    public long ArenaBytes { get; private set; }

    /// <summary>Bytes of <see cref="GpuSpace.Weights"/>.</summary>
    public long WeightBytes { get; private set; }

    /// <summary>Bytes of <see cref="GpuSpace.Ports"/>.</summary>
    public long PortBytes { get; private set; }

    /// <summary>Where an input or output of the plan is in <see cref="GpuSpace.Ports"/>; null for a constant.</summary>
    public long? PortOffset(int slot) => ports.TryGetValue(plan.Slots[slot].Storage, out long offset) ? offset : null;

    /// <summary>Lowers a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="traits">What the device can do.</param>
    /// <param name="choose">Chooses among the ways to execute a step, given its index.</param>
    /// <exception cref="EdgeException">A step is rejected.</exception>
    public static GpuProgram Build(ExecutionPlan plan, GpuTraits traits, Func<int, GpuLowering, GpuCandidate> choose)
    {
        var program = new GpuProgram(plan, traits);
        foreach (PlanPort port in plan.Inputs.Concat(plan.Outputs))
        {
            PlanSlot slot = plan.Slots[plan.Slots[port.Slot].Storage];
            if (slot.Kind == SlotKind.Constant || program.ports.ContainsKey(slot.Storage)) continue;
            program.ports[slot.Storage] = program.PortBytes;
            program.PortBytes += Aligned(slot.Type.ByteCount);
        }
        for (int i = 0; i < plan.Steps.Count; i++) program.Add(i, choose);
        return program;
    }

    /// <summary>Lowers a step; ways that are beyond the device's limits are left out.</summary>
    public static GpuLowering Lower(ExecutionPlan plan, PlanStep step, GpuTraits traits, out GpuStep gpu)
    {
        GpuLowering lowering = GpuKernels.Lower(plan, step, traits, out gpu);
        if (lowering.Rejection is not null) return lowering;
        GpuStep lowered = gpu;
        string? problem = null;
        GpuCandidate[] fit = [.. lowering.Candidates.Where(c => c.Dispatches.All(d => (problem = Problem(plan, lowered, d, traits)) is null))];
        return fit.Length > 0 ? GpuLowering.To(fit) : GpuLowering.Reject(problem!);
    }

    /// <summary>Writes what is uploaded to its place.</summary>
    /// <param name="upload">One of <see cref="Uploads"/>.</param>
    /// <param name="target">As many bytes as it says.</param>
    public void Write(GpuUpload upload, Span<byte> target)
    {
        target.Clear();
        if (upload.Packed is { Integers: { } integers })
        {
            MemoryMarshal.AsBytes(integers.AsSpan()).CopyTo(target);
        }
        else if (upload.Packed is { Floats: { } fill } packed)
        {
            float[] floats = new float[packed.Count];
            fill(floats);
            WriteFloats(floats, target);
        }
        else
        {
            TensorView constant = upload.Constant!.Value;
            if (constant.DataType == DataType.F32) WriteFloats(constant.Span<float>(), target);
            else constant.Bytes.CopyTo(target);
        }
    }

    private void WriteFloats(ReadOnlySpan<float> floats, Span<byte> target)
    {
        if (traits.Precision == GpuPrecision.Float32) MemoryMarshal.AsBytes(floats).CopyTo(target);
        else for (int i = 0; i < floats.Length; i++) MemoryMarshal.Cast<byte, Half>(target)[i] = (Half)floats[i];
    }

    private void Add(int index, Func<int, GpuLowering, GpuCandidate> choose)
    {
        PlanStep step = plan.Steps[index];
        GpuLowering lowering = Lower(plan, step, traits, out GpuStep gpu);
        if (lowering.Rejection is { } reason)
            throw new EdgeException(ErrorCode.NoBackend, $"The step '{step.Name}' ({step.Operator}) cannot run on {traits.Device}: {reason}.", "Let another backend run it.");
        GpuCandidate candidate = choose(index, lowering);
        kernels[index] = candidate.Name;
        // Steps run one after the other, so they share one room for what lies between their dispatches.
        long[] scratch = new long[gpu.ScratchCounts.Count];
        long end = plan.ArenaBytes;
        for (int i = 0; i < scratch.Length; i++)
        {
            scratch[i] = end;
            end += Aligned(gpu.ScratchCounts[i] * FloatBytes(traits));
        }
        ArenaBytes = Math.Max(ArenaBytes, end);
        var packed = new Dictionary<int, long>();
        foreach (Dispatch dispatch in candidate.Dispatches)
        {
            KernelInfo kernel = KernelManifest.All[dispatch.Kernel];
            var operands = new GpuOperand[dispatch.Buffers.Length];
            for (int i = 0; i < operands.Length; i++)
                operands[i] = new GpuOperand(Place(gpu, dispatch.Buffers[i], scratch, packed), kernel.Buffers[i]);
            bool texels = operands.All(o => o.Buffer.Written || o.Range.Bytes / ElementBytes(o.Buffer.Element, traits) <= traits.MaxTexelElements);
            dispatches.Add(new GpuDispatch(index, dispatch, kernel, KernelVariant.For(kernel, traits.Precision, texels), operands));
        }
    }

    private GpuRange Place(GpuStep step, BufferRef buffer, long[] scratch, Dictionary<int, long> packed)
    {
        long bytes = Bytes(plan, step, buffer, traits);
        switch (buffer.Kind)
        {
            case BufferKind.Scratch:
                return new(GpuSpace.Arena, scratch[buffer.Index], bytes);
            case BufferKind.Packed:
                if (!packed.TryGetValue(buffer.Index, out long place)) packed[buffer.Index] = place = Upload(bytes, step.Packed[buffer.Index], null);
                return new(GpuSpace.Weights, place, bytes);
            default:
                PlanSlot slot = plan.Slots[buffer.Index];
                if (ports.TryGetValue(slot.Storage, out long port)) return new(GpuSpace.Ports, port, bytes);
                if (slot.Kind == SlotKind.Arena) return new(GpuSpace.Arena, slot.Offset, bytes);
                if (!constants.TryGetValue(slot.Storage, out long constant))
                    constants[slot.Storage] = constant = Upload(bytes, null, slot.Constant!.View);
                return new(GpuSpace.Weights, constant, bytes);
        }
    }

    private long Upload(long bytes, PackedBuffer? packed, TensorView? constant)
    {
        long offset = WeightBytes;
        uploads.Add(new GpuUpload(offset, (int)bytes, packed, constant));
        WeightBytes += Aligned(bytes);
        return offset;
    }

    /// <summary>Why a dispatch is beyond the device's limits; null when it is not.</summary>
    private static string? Problem(ExecutionPlan plan, GpuStep step, Dispatch dispatch, GpuTraits traits)
    {
        if (dispatch.GroupSize.Count > traits.MaxGroupInvocations) return $"{dispatch.Kernel} wants workgroups of {dispatch.GroupSize.Count}, of which the device has {traits.MaxGroupInvocations}";
        if (Math.Max(dispatch.Groups.X, Math.Max(dispatch.Groups.Y, dispatch.Groups.Z)) > traits.MaxGroups) return $"{dispatch.Kernel} wants more than {traits.MaxGroups} workgroups";
        foreach (BufferRef buffer in dispatch.Buffers)
            if (Bytes(plan, step, buffer, traits) is var bytes && bytes > traits.MaxBufferBytes) return $"{bytes:N0} bytes are more than a buffer of the device holds ({traits.MaxBufferBytes:N0})";
        return null;
    }

    /// <summary>Bytes of an operand as it is stored, up to whole vectors of four: what follows up to there is padding.</summary>
    private static long Bytes(ExecutionPlan plan, GpuStep step, BufferRef buffer, GpuTraits traits)
    {
        long bytes = buffer.Kind switch
        {
            BufferKind.Scratch => step.ScratchCounts[buffer.Index] * FloatBytes(traits),
            BufferKind.Packed => step.Packed[buffer.Index] is { Integers: null } floats ? (long)floats.Count * FloatBytes(traits) : step.Packed[buffer.Index].Count * 4L,
            _ => plan.Slots[buffer.Index].Type is { DataType: DataType.F32 } type ? type.Shape.Count * FloatBytes(traits) : plan.Slots[buffer.Index].Type.ByteCount,
        };
        return Math.Max((bytes + 15) / 16 * 16, 16);
    }

    private static int FloatBytes(GpuTraits traits) => traits.Precision == GpuPrecision.Float32 ? 4 : 2;

    /// <summary>Bytes of an element of an operand.</summary>
    internal static int ElementBytes(KernelElement element, GpuTraits traits) => element switch
    {
        KernelElement.Float => FloatBytes(traits),
        KernelElement.Float4 => 4 * FloatBytes(traits),
        KernelElement.UInt4 => 16,
        _ => 4,
    };

    private static long Aligned(long bytes) => (Math.Max(bytes, 1) + ExecutionPlan.Alignment - 1) / ExecutionPlan.Alignment * ExecutionPlan.Alignment;
}
