namespace EdgeRuntime.Planning;

/// <summary>Who is to run each step of a plan, as it was found by measuring; backends are known by name and device, so that one that was opened anew is the same.</summary>
/// <param name="Backends">The backends.</param>
/// <param name="BackendOf">For each step the position of its backend in that list.</param>
internal sealed record PlanAssignment(IReadOnlyList<BackendTraits> Backends, int[] BackendOf)
{
    /// <summary>The backend that a step is meant for, of those there are; null where it is not there any more.</summary>
    public int? Find(int step, IReadOnlyList<IBackend> usable)
    {
        BackendTraits wanted = Backends[BackendOf[step]];
        for (int i = 0; i < usable.Count; i++)
            if (usable[i].Traits is var traits && traits.Name == wanted.Name && traits.Device == wanted.Device) return i;
        return null;
    }
}
