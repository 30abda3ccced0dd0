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

    /// <summary>Inputs of the plan in <see cref="GpuSpace.Ports"/>: where each begins, and its length.</summary>
    public IEnumerable<GpuRange> InputRanges => Ranges(plan.Inputs);

    /// <summary>As <see cref="InputRanges"/>, of outputs.</summary>
    public IEnumerable<GpuRange> OutputRanges => Ranges(plan.Outputs);

    /// <summary>Where an input or output of the plan is in <see cref="GpuSpace.Ports"/>; null for a constant.</summary>
    public long? PortOffset(int slot) => ports.TryGetValue(plan.Slots[slot].Storage, out long offset) ? offset : null;

    /// <summary>Lowers a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="traits">What the device can do.</param>
    /// <param name="choose">Chooses among the ways to execute a step.</param>
    /// <param name="quarantine">Kernels that must not be used, or null.</param>
    /// <exception cref="EdgeException">A step is rejected.</exception>
    public static GpuProgram Build(ExecutionPlan plan, GpuTraits traits, Func<GpuStep, GpuLowering, GpuCandidate> choose, GpuQuarantine? quarantine = null)
    {
        var program = new GpuProgram(plan, traits);
        foreach (PlanPort port in plan.Inputs.Concat(plan.Outputs))
        {
            PlanSlot slot = plan.Slots[plan.Slots[port.Slot].Storage];
            if (slot.Kind == SlotKind.Constant || program.ports.ContainsKey(slot.Storage)) continue;
            program.ports[slot.Storage] = program.PortBytes;
            program.PortBytes += Aligned(slot.Type.ByteCount);
        }
        HashSet<int> entering = [.. plan.Inputs.Select(p => plan.Slots[p.Slot].Storage)];
        foreach (int slot in program.ports.Keys.Where(entering.Contains).Order()) program.Convert(slot, "port_load");
        for (int i = 0; i < plan.Steps.Count; i++) program.Add(i, choose, quarantine);
        foreach (int slot in program.ports.Keys.Except(entering).Order()) program.Convert(slot, "port_store");
        return program;
    }

    /// <summary>Lowers a step; ways that are beyond the device's limits, or need kernels that are put away, are left out.</summary>
    public static GpuLowering Lower(ExecutionPlan plan, PlanStep step, GpuTraits traits, out GpuStep gpu, GpuQuarantine? quarantine = null)
    {
        GpuLowering lowering = GpuKernels.Lower(plan, step, traits, out gpu);
        if (lowering.Rejection is not null) return lowering;
        GpuStep lowered = gpu;
        string? problem = null;
        GpuCandidate[] fit = [.. lowering.Candidates.Where(c => c.Dispatches.All(d => (problem = quarantine?.Reason(new GpuTestKey(c.Name, d.Kernel, Variant(plan, lowered, d, traits))) ?? Problem(plan, lowered, d, traits)) is null))];
        return fit.Length > 0 ? GpuLowering.To(fit) : GpuLowering.Reject(problem!);
    }

    /// <summary>Writes what is uploaded to its place.</summary>
    /// <param name="upload">One of <see cref="Uploads"/>.</param>
    /// <param name="target">As many bytes as it says.</param>
    public void Write(GpuUpload upload, Span<byte> target)
    {
        target.Clear();
        if (upload.Packed is { Integers: { } integers, Count: var count })
        {
            integers(MemoryMarshal.Cast<byte, int>(target[..(count * sizeof(int))]));
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

    private IEnumerable<GpuRange> Ranges(IEnumerable<PlanPort> some) =>
        from slot in some.Select(p => plan.Slots[plan.Slots[p.Slot].Storage]).Distinct()
        where ports.ContainsKey(slot.Storage) && slot.Type.ByteCount > 0
        select new GpuRange(GpuSpace.Ports, ports[slot.Storage], Whole(slot.Type.ByteCount));

    private void WriteFloats(ReadOnlySpan<float> floats, Span<byte> target)
    {
        if (traits.Precision == GpuPrecision.Float32) MemoryMarshal.AsBytes(floats).CopyTo(target);
        else for (int i = 0; i < floats.Length; i++) MemoryMarshal.Cast<byte, Half>(target)[i] = (Half)floats[i];
    }

    /// <summary>Whether the floats of a port are of another size than those that steps compute with.</summary>
    private bool Converted(PlanSlot slot) => traits.Precision != GpuPrecision.Float32 && slot.Type.DataType == DataType.F32;

    /// <summary>Adds a dispatch that takes the floats of a port from or to 32 bits, which it has in every precision.</summary>
    private void Convert(int index, string name)
    {
        PlanSlot slot = plan.Slots[index];
        if (!Converted(slot) || slot.Type.Shape.Count == 0) return;
        KernelInfo kernel = KernelManifest.All[name];
        var port = new GpuRange(GpuSpace.Ports, ports[index], Whole(slot.Type.ByteCount));
        var own = new GpuRange(GpuSpace.Arena, slot.Offset, Whole(slot.Type.Shape.Count * FloatBytes(traits)));
        bool load = name == "port_load";
        GpuOperand[] operands = [new(load ? port : own, kernel.Buffers[0]), new(load ? own : port, kernel.Buffers[1])];
        int count = (int)slot.Type.Shape.Count;
        var dispatch = new Dispatch(name, [], Grid.Linear((count + 3) / 4, 64, traits.MaxGroups), new Grid(64), [], [count]);
        dispatches.Add(new GpuDispatch(-1, dispatch, kernel, Variant(kernel, operands), operands));
    }

    /// <summary>The compiled form that a dispatch will have.</summary>
    private static string Variant(ExecutionPlan plan, GpuStep step, Dispatch dispatch, GpuTraits traits)
    {
        KernelInfo kernel = KernelManifest.All[dispatch.Kernel];
        bool texels = dispatch.Buffers.Select((b, i) => (b, i)).All(o => kernel.Buffers[o.i].Written || Bytes(plan, step, o.b, traits) / ElementBytes(kernel.Buffers[o.i].Element, traits) <= traits.MaxTexelElements);
        return KernelVariant.For(kernel, traits.Precision, texels, traits.IntegerDotProduct).ToString();
    }

    private KernelVariant Variant(KernelInfo kernel, GpuOperand[] operands) =>
        KernelVariant.For(kernel, traits.Precision, operands.All(o => o.Buffer.Written || o.Range.Bytes / ElementBytes(o.Buffer.Element, traits) <= traits.MaxTexelElements), traits.IntegerDotProduct);

    private void Add(int index, Func<GpuStep, GpuLowering, GpuCandidate> choose, GpuQuarantine? quarantine)
    {
        PlanStep step = plan.Steps[index];
        GpuLowering lowering = Lower(plan, step, traits, out GpuStep gpu, quarantine);
        if (lowering.Rejection is { } reason)
            throw new EdgeException(ErrorCode.NoBackend, $"The step '{step.Name}' ({step.Operator}) cannot run on {traits.Device}: {reason}.", "Let another backend run it.");
        GpuCandidate candidate = choose(gpu, lowering);
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
            dispatches.Add(new GpuDispatch(index, dispatch, kernel, Variant(kernel, operands), operands));
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
                if (ports.TryGetValue(slot.Storage, out long port) && !Converted(slot)) return new(GpuSpace.Ports, port, bytes);
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
    internal static long Bytes(ExecutionPlan plan, GpuStep step, BufferRef buffer, GpuTraits traits)
    {
        long bytes = buffer.Kind switch
        {
            BufferKind.Scratch => step.ScratchCounts[buffer.Index] * FloatBytes(traits),
            BufferKind.Packed => step.Packed[buffer.Index] is { Integers: null } floats ? (long)floats.Count * FloatBytes(traits) : step.Packed[buffer.Index].Count * 4L,
            _ => plan.Slots[buffer.Index].Type is { DataType: DataType.F32 } type ? type.Shape.Count * FloatBytes(traits) : plan.Slots[buffer.Index].Type.ByteCount,
        };
        return Whole(bytes);
    }

    private static long Whole(long bytes) => Math.Max((bytes + 15) / 16 * 16, 16);

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
