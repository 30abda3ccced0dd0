using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Verification;

/// <summary>A backend with one wrong kernel: what steps of an operator return is a tenth too large; of bytes the first is another.</summary>
internal sealed class WrongBackend(Func<PlanStep, bool> isWrong) : IBackend
{
    private readonly CpuBackend cpu = new(threads: 1);

    public BackendTraits Traits { get; } = new("wrong", "a backend of the tests", []);

    public string? Reject(ExecutionPlan plan, PlanStep step) => null;

    public ICompiledPlan Compile(ExecutionPlan plan) => new Compiled(cpu.Compile(plan), isWrong);

    public void Dispose() => cpu.Dispose();

    private sealed class Compiled(ICompiledPlan inner, Func<PlanStep, bool> isWrong) : ICompiledPlan
    {
        public ExecutionPlan Plan => inner.Plan;

        public IReadOnlyList<string> Kernels => inner.Kernels;

        public ReadOnlySpan<long> StepNanoseconds => inner.StepNanoseconds;

        public TensorView Input(int index) => inner.Input(index);

        public TensorView Output(int index) => inner.Output(index);

        public void Run()
        {
            inner.Run();
            foreach (PlanStep step in Plan.Steps.Where(isWrong))
                for (int i = 0; i < Plan.Outputs.Count; i++)
                {
                    if (Plan.Outputs[i].Slot != step.Outputs[0]) continue;
                    if (inner.Output(i).DataType != DataType.F32) inner.Output(i).Bytes[0] ^= 1;
                    else
                        foreach (ref float x in inner.Output(i).Span<float>()) x *= 1.1f;
                }
        }

        public void Dispose() => inner.Dispose();
    }
}
