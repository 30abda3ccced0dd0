using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A program on a device: one arena, one buffer of weights, and commands that are recorded once and submitted for each frame.</summary>
/// <remarks>Views of inputs and outputs are the device's memory: they must not be used after the plan is disposed.</remarks>
internal sealed unsafe class VulkanPlan : ICompiledPlan
{
    private readonly GpuProgram program;
    private readonly VulkanBuffer? arena, weights;
    private readonly VulkanFrame? frame;
    private readonly TensorView[] inputs, outputs;
    private bool disposed;

    public VulkanPlan(VulkanContext context, VulkanPipelines pipelines, GpuProgram program)
    {
        this.program = program;
        try
        {
            VulkanPipeline[] made = [.. program.Dispatches.Select(pipelines.Get)];
            arena = new VulkanBuffer(context, Math.Max(program.ArenaBytes, ExecutionPlan.Alignment), VulkanMemoryUse.Device);
            weights = new VulkanBuffer(context, Math.Max(program.WeightBytes, ExecutionPlan.Alignment), VulkanMemoryUse.Upload);
            foreach (GpuUpload upload in program.Uploads) program.Write(upload, new Span<byte>(weights.Mapped + upload.Offset, upload.Bytes));
            frame = new VulkanFrame(context, program, made, arena, weights);
            inputs = [.. Plan.Inputs.Select(p => frame.Port(program, p.Slot, this))];
            outputs = [.. Plan.Outputs.Select(p => frame.Port(program, p.Slot, this))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ExecutionPlan Plan => program.Plan;

    public IReadOnlyList<string> Kernels => program.Kernels;

    public ReadOnlySpan<long> StepNanoseconds => [];

    public TensorView Input(int index) => inputs[index];

    public TensorView Output(int index) => outputs[index];

    public void Run()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        frame!.Submit();
        frame.Wait();
    }

    public void Dispose()
    {
        disposed = true;
        frame?.Dispose();
        weights?.Dispose();
        arena?.Dispose();
    }
}
