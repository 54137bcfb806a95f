package orb.kernel.port;

/**
 * The ports that a role needs, together; {@link #perform} gives each effect to its port.
 *
 * @param transport links to peers
 * @param disk what is kept
 * @param ordering the log's order
 * @param runner sandboxes
 * @param clock time
 * @param discovery where to start, and the hash table
 * @param desk those who command on this machine
 */
public record World(
        Transport transport,
        Disk disk,
        Ordering ordering,
        Runner runner,
        Clock clock,
        Discovery discovery,
        Desk desk) {
    public void perform(Effect effect) {
        switch (effect) {
            case Effect.Discover() -> discovery.discover();
            case Effect.Meet meet -> discovery.meet(meet);
            case Effect.Find find -> discovery.find(find);
            case Effect.Publish publish -> discovery.publish(publish);
            case Effect.Withdraw withdraw -> discovery.withdraw(withdraw);
            case Effect.Dial dial -> transport.dial(dial);
            case Effect.HangUp hangUp -> transport.hangUp(hangUp);
            case Effect.Ask ask -> transport.ask(ask);
            case Effect.Answer answer -> transport.answer(answer);
            case Effect.WakeAfter wake -> clock.wakeAfter(wake);
            case Effect.Propose propose -> ordering.propose(propose);
            case Effect.Save save -> disk.save(save);
            case Effect.Erase erase -> disk.erase(erase);
            case Effect.StoreBlob store -> disk.storeBlob(store);
            case Effect.LoadBlob load -> disk.loadBlob(load);
            case Effect.Prepare prepare -> runner.prepare(prepare);
            case Effect.Run run -> runner.run(run);
            case Effect.Return answer -> desk.returned(answer);
            case Effect.Progress progress -> desk.progress(progress);
            case Effect.Tell tell -> desk.tell(tell);
        }
    }
}
