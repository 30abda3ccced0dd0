namespace EdgeRuntime.Planning;

/// <summary>A backend that can be asked how long each step takes, to find out what is worth running there.</summary>
internal interface IProfiledBackend : IBackend
{
    /// <summary>The device, its driver and what else times depend on, in one line: what was measured holds for no other.</summary>
    string Identity { get; }

    /// <summary>True for a driver that computes on the processor, which the CPU backend uses as well.</summary>
    bool IsSoftware { get; }

    /// <summary>As <see cref="IBackend.Compile(ExecutionPlan)"/>, with times of steps; kernels are those that are known to be fast or, at the first start, likely to be: nothing is tuned for a plan that may go elsewhere.</summary>
    ICompiledPlan CompileProfiled(ExecutionPlan plan);
}
